import type { CampaignProgress } from '../../../contract/campaign.js';

const WINDOW_MS = 60_000;
/** Two readings that are closer say nothing. */
const MIN_SPAN_MS = 3_000;

/** How many calls a campaign dials in a minute, by its readings within the last minute. */
export class CallRate {
  readonly #readings: { readonly atMs: number; readonly dialled: number }[] = [];

  add({ readAt, attempts }: CampaignProgress): void {
    const atMs = Date.parse(readAt);
    if (atMs <= (this.#readings.at(-1)?.atMs ?? 0)) return;
    this.#readings.push({ atMs, dialled: attempts.posted + attempts.ended + attempts.ambiguous });
    while (this.#readings.length > 2 && this.#readings[0]!.atMs < atMs - WINDOW_MS) this.#readings.shift();
  }

  /** `undefined` as long as it is not known. */
  get perMinute(): number | undefined {
    const [first, last] = [this.#readings.at(0), this.#readings.at(-1)];
    const spanMs = first && last ? last.atMs - first.atMs : 0;
    return spanMs < MIN_SPAN_MS ? undefined : (Math.max(0, last!.dialled - first!.dialled) / spanMs) * 60_000;
  }
}
