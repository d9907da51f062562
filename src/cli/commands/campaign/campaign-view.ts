import { type CampaignProgress, countContacts, isCampaignOver } from '../../../contract/campaign.js';
import { formatDuration } from '../../../contract/duration.js';
import { amount, oneLine } from '../../../platform/printing.js';

/** A campaign's progress in one line. */
export function renderCampaignLine(progress: CampaignProgress, callsPerMinute?: number): string {
  const { contacts } = progress;
  return [
    stateOf(progress),
    settledOf(progress),
    ...(contacts.dialling > 0 ? [`${amount(contacts.dialling)} being called`] : []),
    ...countsOf({ ...contacts, waiting: 0, dialling: 0 }),
    ...paceOf(progress, callsPerMinute),
  ].join(' · ');
}

interface ViewOptions {
  /** Width of the terminal; `Infinity` where lines need not fit. */
  readonly columns: number;
  /** Calls dialled in a minute, as it was observed. */
  readonly callsPerMinute?: number | undefined;
  /** Where the progress was read. */
  readonly source: string;
}

/** A campaign's progress in several lines, none wider than the terminal. */
export function renderCampaignView(progress: CampaignProgress, options: ViewOptions): string[] {
  const { campaignId, limits, rulesVersion, contacts, dispositions, lastProblems, nextDueAt, readAt } = progress;
  const { columns, callsPerMinute, source } = options;
  const sections = [
    [`${campaignId}: ${stateOf(progress)}`],
    ...barOf(progress, columns),
    countsOf(contacts),
    countsOf(dispositions),
    [
      ...paceOf(progress, callsPerMinute),
      ...(nextDueAt !== undefined && isLater(nextDueAt, readAt)
        ? [`next contact due ${clock(nextDueAt, readAt)}`]
        : []),
    ],
    [`${amount(limits.callsAtOnce)} at once`, `${limits.callsPerSecond} a second`, `rules version ${rulesVersion}`],
    ...lastProblems.map(({ at, state, reason }) => [`${clock(at, readAt)} ${state}: ${oneLine(reason)}`]),
    [`read ${clock(readAt, readAt)} from ${source}`],
  ];
  return sections.filter((parts) => parts.length > 0).flatMap((parts) => wrapped(parts, columns));
}

const SEPARATOR = ' · ';

/** Parts in lines that are not wider than the terminal. A part that is wider by itself is cut off. */
function wrapped(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    const joined = last === undefined ? part : `${last}${SEPARATOR}${part}`;
    if (last !== undefined && joined.length <= columns) lines[lines.length - 1] = joined;
    else lines.push(part.length <= columns ? part : `${part.slice(0, columns - 1)}…`);
  }
  return lines;
}

function stateOf({ state, stateReason }: CampaignProgress): string {
  return stateReason === undefined ? state : `${state} (${oneLine(stateReason)})`;
}

function settledOf(progress: CampaignProgress): string {
  const { total, settled } = countContacts(progress);
  return `${amount(settled)} of ${amount(total)} contacts settled (${percentOf(progress)} %)`;
}

/** Rounded down: 100 % means all. */
function percentOf(progress: CampaignProgress): number {
  const { total, settled } = countContacts(progress);
  return total === 0 ? 100 : Math.floor((settled / total) * 100);
}

const MAX_BAR = 40;
const MIN_BAR = 8;

/** The bar and its meaning: on two lines where they do not fit on one. */
function barOf(progress: CampaignProgress, columns: number): string[][] {
  const settled = settledOf(progress);
  const rest = columns - settled.length - 1;
  if (rest < MIN_BAR) return [[bar(progress, Math.min(MAX_BAR, columns))], [settled]];
  return [[`${bar(progress, Math.min(MAX_BAR, rest))} ${settled}`]];
}

function bar(progress: CampaignProgress, width: number): string {
  const filled = Math.floor((width * percentOf(progress)) / 100);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
}

function countsOf(counts: Readonly<Partial<Record<string, number>>>): string[] {
  return Object.entries(counts).flatMap(([name, count = 0]) => (count > 0 ? [`${name} ${amount(count)}`] : []));
}

function paceOf(progress: CampaignProgress, callsPerMinute: number | undefined): string[] {
  const { estimatedEndAt, readAt, settledLastHour } = progress;
  if (isCampaignOver(progress)) return [];
  const leftMs = estimatedEndAt === undefined ? NaN : Date.parse(estimatedEndAt) - Date.parse(readAt);
  return [
    ...(callsPerMinute === undefined ? [] : [`${amount(Math.round(callsPerMinute))} calls a minute`]),
    ...(settledLastHour > 0 ? [`${amount(settledLastHour)} settled in the last hour`] : []),
    ...(Number.isNaN(leftMs) || estimatedEndAt === undefined
      ? []
      : [`ends about ${clock(estimatedEndAt, readAt)}, in ${formatDuration(leftMs)}`]),
  ];
}

function isLater(at: string, than: string): boolean {
  return Date.parse(at) > Date.parse(than);
}

/** A time in UTC, with its day if that is another one than that of `now`. */
function clock(at: string, now: string): string {
  const time = `${at.slice(11, 19)} UTC`;
  return at.slice(0, 10) === now.slice(0, 10) ? time : `${at.slice(0, 10)} ${time}`;
}
