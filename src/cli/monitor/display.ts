import { stripVTControlCharacters } from 'node:util';

import type { MonitorView } from '../../client/describe-monitor.js';
import { renderChange, renderLiveLine } from './render-view.js';

/** Where the progress of a monitor is shown. */
export interface Display {
  show(view: MonitorView): void;
  /** Something else than the monitor, such as trouble with Temporal. */
  note(line: string): void;
  /** Leaves nothing but whole lines behind. */
  end(): void;
}

/** One line that is kept up to date on a terminal, else a line for each change. */
export function createDisplay(stream: NodeJS.WriteStream): Display {
  return stream.isTTY ? liveLine(stream) : changeLines(stream);
}

function liveLine(stream: NodeJS.WriteStream): Display {
  const write = (line: string): void => {
    // A line that wraps could not be written over.
    const shown = oneLine(line).slice(0, (stream.columns || 80) - 1);
    stream.write(`\r\x1b[2K${shown}`);
  };
  return {
    show: (view) => write(renderLiveLine(view, Date.now())),
    note: write,
    end: () => void stream.write('\r\x1b[2K'),
  };
}

function changeLines(stream: NodeJS.WriteStream): Display {
  let shown: string | undefined;
  const write = (line: string): void => {
    if (line !== shown) stream.write(`${oneLine(line)}\n`);
    shown = line;
  };
  return { show: (view) => write(renderChange(view, Date.now())), note: write, end: () => undefined };
}

/** A message from outside may hold anything. */
function oneLine(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/\s+/g, ' ');
}
