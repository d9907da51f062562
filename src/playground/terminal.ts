import Table from 'cli-table3';

import { counted, oneLine, printableLine } from '../platform/printing.js';
import type { DemoView } from './demo-view.js';

/** Shows the state of the calls. */
export interface Display {
  show(views: readonly DemoView[]): void;
  /** Prints a line that stays. */
  note(line: string): void;
}

/** A table that is redrawn in place on a terminal, else a line for each change. */
export function createDisplay(output: NodeJS.WriteStream): Display {
  return output.isTTY ? new LiveTable(output) : new PlainLines(output);
}

const HEAD = ['call', 'what happens', 'status', 'phase', 'polls', 'attempt, last error', 'age'];
const [CALL, STATUS, PHASE, POLLS, AGE] = [6, 9, 11, 7, 7];
const ABOUT = { min: 8, max: 25 };
/** Width that errors get before the call's description gets more than its minimum. */
const ERROR = 34;
const BORDERS = HEAD.length + 1;
const MAX_WIDTH = 130;
const WRAP_OFF = '\x1b[?7l';
const WRAP_ON = '\x1b[?7h';

/** A table that is redrawn in place. */
class LiveTable implements Display {
  #views: readonly DemoView[] = [];
  #height = 0;

  constructor(private readonly output: NodeJS.WriteStream) {}

  show(views: readonly DemoView[]): void {
    this.#views = views;
    this.#draw('');
  }

  note(line: string): void {
    this.#draw(`${printableLine(line)}\n`);
  }

  #draw(above: string): void {
    const erase = this.#height > 0 ? `\x1b[${this.#height}A\x1b[0J` : '';
    const table = this.#views.length > 0 ? `${renderViews(this.#views, this.output.columns)}\n` : '';
    this.#height = table.split('\n').length - 1;
    // In a window narrower than the table, a wrapped line would count as two.
    this.output.write(`${erase}${above}${WRAP_OFF}${table}${WRAP_ON}`);
  }
}

function renderViews(views: readonly DemoView[], columns: number): string {
  const rest = Math.min(columns, MAX_WIDTH) - BORDERS - CALL - STATUS - PHASE - POLLS - AGE;
  const about = Math.min(ABOUT.max, Math.max(ABOUT.min, rest - ERROR));
  const table = new Table({
    head: HEAD,
    colWidths: [CALL, about, STATUS, PHASE, POLLS, Math.max(ABOUT.min, rest - about), AGE],
    style: { head: [], border: [], compact: true },
  });
  table.push(...views.map(rowOf));
  return table.toString();
}

function rowOf({ call, status, phase, polls, retryInfo, outcome, seconds }: DemoView) {
  const happened = oneLine(outcome?.text ?? retryInfo);
  return [call.number, call.about, oneLine(status ?? '–'), phase, polls ?? '–', happened, `${Math.round(seconds)} s`];
}

/** A line for each change, for logs. */
class PlainLines implements Display {
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
    this.output.write(`${seconds} s  ${printableLine(line)}\n`);
  }
}

/** Leaves out what changes with each poll. */
function changeOf({ status = 'not observed yet', phase, retryInfo, outcome }: DemoView): string {
  if (outcome) return `ended: ${outcome.text}`;
  return [status, ...(phase === 'no worker' ? [phase] : []), ...(retryInfo ? [retryInfo] : [])].join(' · ');
}

function pollsOf({ polls }: DemoView): string {
  return polls === undefined ? '' : ` · ${counted(polls, 'poll')}`;
}
