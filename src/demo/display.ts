import { LiveTable } from './live-table.js';
import type { DemoView } from './look-at-call.js';
import { PlainLines } from './plain-lines.js';

/** Shows how the calls are doing. */
export interface Display {
  show(views: readonly DemoView[]): void;
  /** One line that stays. */
  note(line: string): void;
}

/** A table that is drawn in place on a terminal, else a line for each change. */
export function createDisplay(output: NodeJS.WriteStream): Display {
  return output.isTTY ? new LiveTable(output) : new PlainLines(output);
}
