import type { Display } from './display.js';
import type { DemoView } from './look-at-call.js';

/** A line for each change, for logs. */
export class PlainLines implements Display {
  readonly #startedAt = Date.now();
  readonly #shown = new Map<number, string>();

  constructor(private readonly output: NodeJS.WritableStream) {}

  show(views: readonly DemoView[]): void {
    for (const view of views) {
      const change = changeOf(view);
      if (this.#shown.get(view.call.number) === change) continue;
      this.#shown.set(view.call.number, change);
      this.note(`call ${view.call.number}  ${change}${pollsOf(view)}`);
    }
  }

  note(line: string): void {
    const seconds = ((Date.now() - this.#startedAt) / 1_000).toFixed(1).padStart(5);
    this.output.write(`${seconds} s  ${line}\n`);
  }
}

/** Without what changes with each poll. */
function changeOf({ status = 'no answer yet', phase, trouble, outcome }: DemoView): string {
  if (outcome) return `ended: ${outcome.text}`;
  return [status, ...(phase === 'no worker' ? [phase] : []), ...(trouble ? [trouble] : [])].join(' · ');
}

function pollsOf({ polls }: DemoView): string {
  return polls === undefined ? '' : ` · ${polls} ${polls === 1 ? 'poll' : 'polls'}`;
}
