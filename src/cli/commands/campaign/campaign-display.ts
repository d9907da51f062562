import { type CampaignProgress, isCampaignOver } from '../../../contract/campaign.js';
import { oneLine, printableJson } from '../../../platform/printing.js';
import { CallRate } from './call-rate.js';
import { renderCampaignLine, renderCampaignView } from './campaign-view.js';

/** Shows a campaign while it is watched. */
export interface CampaignDisplay {
  show(progress: CampaignProgress): void;
  /** A problem, such as a database that does not answer, until it is over (`undefined`). */
  note(problem: string | undefined): void;
}

interface DisplayOptions {
  readonly json: boolean;
  /** Where the progress is read. */
  readonly source: string;
}

/** On a terminal a view that is redrawn in place, otherwise a line for each change. */
export function createCampaignDisplay(output: NodeJS.WriteStream, { json, source }: DisplayOptions): CampaignDisplay {
  if (json) return new JsonLines(output);
  return output.isTTY ? new LiveView(output, source) : new ChangeLines(output);
}

const DEFAULT_COLUMNS = 80;
const DEFAULT_ROWS = 24;

/** Redraws its lines in place. */
export class LiveView implements CampaignDisplay {
  readonly #rate = new CallRate();
  #progress: CampaignProgress | undefined;
  #problem: string | undefined;
  #height = 0;

  constructor(
    private readonly output: Pick<NodeJS.WriteStream, 'columns' | 'rows' | 'write'>,
    private readonly source: string,
  ) {}

  show(progress: CampaignProgress): void {
    this.#progress = progress;
    this.#rate.add(progress);
    this.#draw();
  }

  note(problem: string | undefined): void {
    this.#problem = problem;
    this.#draw();
  }

  #draw(): void {
    const columns = this.output.columns || DEFAULT_COLUMNS;
    // What has scrolled away could not be overwritten.
    const rows = Math.max(1, (this.output.rows || DEFAULT_ROWS) - 1);
    const view = this.#progress
      ? renderCampaignView(this.#progress, { columns, callsPerMinute: this.#rate.perMinute, source: this.source })
      : [];
    const problem = this.#problem === undefined ? [] : [oneLine(this.#problem).slice(0, columns)];
    const lines = [...problem, ...view].slice(0, rows);
    const erase = this.#height > 0 ? `\x1b[${this.#height}A\x1b[0J` : '';
    this.#height = lines.length;
    this.output.write(erase + lines.map((line) => `${line}\n`).join(''));
  }
}

/** A log is not flooded by a campaign that changes all the time. */
const LINE_EVERY_MS = 5_000;

/** A line for each change, at most one in five seconds; a change of the state at once. */
export class ChangeLines implements CampaignDisplay {
  readonly #rate = new CallRate();
  #shown: { readonly state: string; readonly change: string; readonly atMs: number } | undefined;
  #problem: string | undefined;

  constructor(private readonly output: Pick<NodeJS.WriteStream, 'write'>) {}

  show(progress: CampaignProgress): void {
    this.#rate.add(progress);
    const { state, readAt } = progress;
    const change = renderCampaignLine(progress);
    const atMs = Date.parse(readAt);
    const isSoon = this.#shown?.state === state && !isCampaignOver(progress) && atMs - this.#shown.atMs < LINE_EVERY_MS;
    if (isSoon || this.#shown?.change === change) return;
    this.#shown = { state, change, atMs };
    this.output.write(`${readAt.slice(0, 19)}Z ${renderCampaignLine(progress, this.#rate.perMinute)}\n`);
  }

  note(problem: string | undefined): void {
    if (problem !== undefined && problem !== this.#problem) this.output.write(`${oneLine(problem)}\n`);
    this.#problem = problem;
  }
}

/** The progress as one JSON object a line, whenever it has changed. */
class JsonLines implements CampaignDisplay {
  #shown: string | undefined;

  constructor(private readonly output: Pick<NodeJS.WriteStream, 'write'>) {}

  show(progress: CampaignProgress): void {
    const change = JSON.stringify({ ...progress, readAt: undefined, estimatedEndAt: undefined });
    if (change === this.#shown) return;
    this.#shown = change;
    this.output.write(`${printableJson(progress)}\n`);
  }

  note(): void {
    // Whoever reads JSON sees that no line comes, and the exit code.
  }
}
