import type { CampaignPlan, PlannedContact, PlanProgress } from '../../../campaigns/plan/campaign-plan.js';
import { DAY_MS, formatDuration } from '../../../contract/duration.js';
import { Interruption } from '../../../platform/interruption.js';
import { amount, oneLine, print, printError, printJson } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { Progress } from '../../progress.js';
import { CliError, EXIT_CODES, type ExitCode } from '../../terminal.js';
import { type ExportFormat, exportItems } from '../export-items.js';
import { readRules, type RuleFlags } from './rule-options.js';

interface PlanOptions {
  readonly campaignId: string;
  readonly flags: RuleFlags;
  readonly callLengthMs: number | undefined;
  readonly days: number;
  readonly contacts: ExportFormat | undefined;
  readonly output: string | undefined;
  readonly json: boolean;
}

/** Runs `campaign plan`. */
export async function runPlan(options: PlanOptions): Promise<ExitCode> {
  const { campaignId, flags, callLengthMs, days, contacts, output } = options;
  if (output !== undefined && !contacts) throw new CliError('--output needs --contacts csv or jsonl', EXIT_CODES.usage);
  const { rules, limits } = await readRules(flags);
  const isTried = Object.keys(rules).length > 0;
  const interruption = new Interruption();
  const { signal } = interruption;
  let made: PlanProgress = { contacts: 0 };
  const progress = new Progress({ stream: process.stderr, render: () => renderPlanning(made), everywhere: true });
  const onProgress = (latest: PlanProgress): void => {
    made = latest;
    progress.step();
  };
  try {
    return await withCampaignStore(async (store) => {
      const tried = { ...(isTried && { rules }), limits, callLengthMs, horizonMs: days * DAY_MS };
      const plan = await store.plan(campaignId, { ...tried, signal, onProgress }).finally(() => progress.clear());
      return await show(plan, options);
    });
  } catch (error) {
    if (!signal.aborted) throw error;
    printError('interrupted');
    return EXIT_CODES.interrupted;
  } finally {
    interruption.dispose();
  }
}

async function show(plan: CampaignPlan, { contacts, output, json }: PlanOptions): Promise<ExitCode> {
  let code: ExitCode = EXIT_CODES.done;
  if (contacts) code = await exportContacts(plan.contacts, contacts, output);
  else if (json) printJson({ ...plan, contacts: undefined });
  else print(renderPlan(plan));
  if (!json && plan.state !== 'running') printError(`the campaign is ${plan.state}: nobody is dialled until it runs`);
  return code;
}

function renderPlanning({ contacts, upTo }: PlanProgress): string {
  if (upTo === undefined) return `${amount(contacts)} contacts read`;
  return `${amount(contacts)} contacts, planned up to ${minuteOf(upTo)}`;
}

function minuteOf(time: string): string {
  return time.slice(0, 16).replace('T', ' ');
}

/** The first two as in `campaign export`. */
const COLUMNS = ['contact_id', 'reference', 'state', 'plan', 'at', 'reason'] as const;

async function exportContacts(
  contacts: AsyncIterable<PlannedContact>,
  format: ExportFormat,
  output: string | undefined,
): Promise<ExitCode> {
  return await exportItems({
    items: contacts,
    what: 'contacts',
    format,
    columns: COLUMNS,
    cellsOf: ({ contactId, reference, state, plan, at = null, reason }) => [
      contactId,
      reference,
      state,
      plan,
      at,
      reason,
    ],
    output,
  });
}

const MAX_BAR = 40;
/** Beyond two days, hours say less than days. */
const MAX_HOURS = 48;

/** A plan as text. */
export function renderPlan(plan: Omit<CampaignPlan, 'contacts'>): string {
  const { campaignId, limits, callLengthMs, callsPerMinute, dial, later, never, until, regionalEdition } = plan;
  return [
    `${campaignId}: of ${amount(dial + later + never)} contacts ${amount(dial)} are dialled by ${until.slice(0, 10)}`,
    `  ${limits.callsAtOnce} calls at once and ${limits.callsPerSecond} a second, ${formatDuration(callLengthMs)} each: ` +
      `up to ${rounded(callsPerMinute)} a minute`,
    ...(regionalEdition === null ? ['  without the rules of countries and states that come with the package'] : []),
    ...section('delayed by', plan.delays),
    ...section(`not dialled${later > 0 ? ` by ${until.slice(0, 10)}` : ''}, because`, plan.reasons),
    ...renderHours(plan),
  ].join('\n');
}

function section(title: string, counts: Readonly<Record<string, number>>): string[] {
  const entries = Object.entries(counts).sort(([, one], [, other]) => other - one);
  if (entries.length === 0) return [];
  const width = Math.max(...entries.map(([, count]) => amount(count).length));
  return ['', title, ...entries.map(([reason, count]) => `  ${amount(count).padStart(width)}  ${oneLine(reason)}`)];
}

function renderHours({ hours }: Pick<CampaignPlan, 'hours'>): string[] {
  if (hours.length === 0) return [];
  const isLong = hours.length > MAX_HOURS;
  const bars = isLong ? byDay(hours) : hours.map(({ from, calls }) => ({ from: minuteOf(from), calls }));
  const most = Math.max(...bars.map(({ calls }) => calls));
  const width = amount(most).length;
  return [
    '',
    isLong ? 'day (UTC), calls' : 'hour (UTC), calls',
    ...bars.map(({ from, calls }) => {
      const bar = '█'.repeat(Math.max(1, Math.round((calls / most) * MAX_BAR)));
      return `  ${from}  ${amount(calls).padStart(width)}  ${bar}`;
    }),
  ];
}

function byDay(hours: CampaignPlan['hours']): { readonly from: string; readonly calls: number }[] {
  const days = new Map<string, number>();
  for (const { from, calls } of hours) days.set(from.slice(0, 10), (days.get(from.slice(0, 10)) ?? 0) + calls);
  return [...days].map(([from, calls]) => ({ from, calls }));
}

function rounded(perMinute: number): string {
  return perMinute.toLocaleString('en', { maximumSignificantDigits: 3 });
}
