import { readFile } from 'node:fs/promises';
import { type Command, InvalidArgumentError } from 'commander';

import { type AccountLimits, checkAccountLimits } from '../../../contract/campaign.js';
import { type CallingWindow, type Weekday, WEEKDAYS } from '../../../contract/calling-window.js';
import type { CampaignRulesInput } from '../../../contract/campaign-rules.js';
import { parseCampaignRules } from '../../../contract/parse-campaign-rules.js';
import type { RegionalRule, RegionalRulesInput } from '../../../contract/regional-rules.js';
import { CampaignRulesError } from '../../../contract/rule-fields.js';
import { errorMessage } from '../../../platform/error-message.js';
import { fileArgument } from '../../arguments.js';
import { CliError, EXIT_CODES } from '../../terminal.js';

/** Options for the rules and limits of a campaign. */
export interface RuleFlags {
  readonly rules?: string;
  readonly window?: readonly CallingWindow[];
  readonly holiday?: readonly string[];
  /** A file; `false` for no regional rules. */
  readonly regionalRules?: string | false;
  readonly maxAttempts?: number;
  readonly weight?: number;
  readonly deadline?: string;
  readonly callsAtOnce?: number;
  readonly callsPerSecond?: number;
}

/** Rules and limits that were given; both empty if none was. */
export interface GivenRules {
  readonly rules: CampaignRulesInput;
  readonly limits: Partial<AccountLimits>;
}

export const RULES_HELP = `
A file for --rules has any of the rules, and "limits":
  { "windows": [{ "days": ["mon", "tue"], "from": "09:00", "until": "18:00" }],
    "maxAttempts": 2, "retryAfter": { "busy": "30m" }, "limits": { "callsAtOnce": 20 } }
Options override the file. Rules given in neither stay unchanged.
`;

export function addRuleOptions(command: Command): Command {
  return command
    .option('--rules <file>', 'JSON file with rules and limits', fileArgument)
    .option(
      '--window <days hours>',
      'when contacts may be called, such as "mon-fri 09:00-18:00"; repeatable',
      addWindow,
    )
    .option('--holiday <day>', 'a day without calls, such as 2026-12-25; repeatable', addTo)
    .option('--regional-rules <file>', 'JSON file with rules of your own for countries and states', fileArgument)
    .option('--no-regional-rules', 'without rules for countries and states')
    .option('--max-attempts <number>', 'how often a contact is called at most', numberArgument)
    .option('--weight <number>', "share of the account's limits among its campaigns, 1 to 100", numberArgument)
    .option('--deadline <time>', 'when the campaign ends, such as 2026-12-31T18:00:00Z')
    .option('--calls-at-once <number>', 'calls of the account under way at once', numberArgument)
    .option('--calls-per-second <number>', 'calls of the account dialled in a second', numberArgument);
}

/**
 * Reads and validates rules and limits before anything is asked of a server.
 *
 * @throws {CliError} which names the field and what it must be
 */
export async function readRules(flags: RuleFlags): Promise<GivenRules> {
  const file = flags.rules === undefined ? undefined : await readRulesFile(flags.rules);
  const given: GivenRules = {
    rules: {
      ...file?.rules,
      ...defined({
        windows: flags.window,
        holidays: flags.holiday,
        regional: await regionalRules(flags),
        maxAttempts: flags.maxAttempts,
        weight: flags.weight,
        deadline: flags.deadline,
      }),
    },
    limits: {
      ...file?.limits,
      ...defined({ callsAtOnce: flags.callsAtOnce, callsPerSecond: flags.callsPerSecond }),
    },
  };
  validate('', given);
  return given;
}

async function regionalRules({ regionalRules: given }: RuleFlags): Promise<RegionalRulesInput | undefined> {
  if (given === undefined) return undefined;
  if (given === false) return { packaged: false, own: [] };
  const own = await readJson(given);
  validate(`${given}: `, { rules: { regional: { own } as RegionalRulesInput }, limits: {} });
  return { packaged: true, own: own as readonly RegionalRule[] };
}

/** Whether any rule or limit was given. */
export function hasRules({ rules, limits }: GivenRules): boolean {
  return Object.keys(rules).length + Object.keys(limits).length > 0;
}

async function readRulesFile(path: string): Promise<GivenRules> {
  const parsed = await readJson(path);
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new CliError(`${path} must be an object such as { "maxAttempts": 3 }`, EXIT_CODES.usage);
  }
  const { limits = {}, ...rules } = parsed as CampaignRulesInput & { readonly limits?: Partial<AccountLimits> };
  validate(`${path}: `, { rules, limits });
  return { rules, limits };
}

async function readJson(path: string): Promise<unknown> {
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new CliError(`the rules cannot be read: ${errorMessage(error)}`, EXIT_CODES.usage);
  });
  try {
    return JSON.parse(content) as unknown;
  } catch (error) {
    throw new CliError(`${path} is not JSON: ${errorMessage(error)}`, EXIT_CODES.usage);
  }
}

function validate(where: string, { rules, limits }: GivenRules): void {
  try {
    parseCampaignRules(rules);
    checkAccountLimits(limits);
  } catch (error) {
    if (!(error instanceof CampaignRulesError || error instanceof TypeError)) throw error;
    throw new CliError(`${where}${error.message}`, EXIT_CODES.usage);
  }
}

function defined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}

const WINDOW = /^(?<days>[a-z,-]+)\s+(?<from>\d\d:\d\d)-(?<until>\d\d:\d\d)$/;

function addWindow(value: string, previous: readonly CallingWindow[] = []): readonly CallingWindow[] {
  const { days, from, until } = WINDOW.exec(value.trim().toLowerCase())?.groups ?? {};
  if (days === undefined || from === undefined || until === undefined) throw invalidWindow();
  return [...previous, { days: days.split(',').flatMap(parseDays), from, until }];
}

function parseDays(range: string): Weekday[] {
  const [first, last = first] = range.split('-').map((day) => (WEEKDAYS as readonly string[]).indexOf(day));
  if (first === undefined || last === undefined || first < 0 || last < first) throw invalidWindow();
  return WEEKDAYS.slice(first, last + 1);
}

function invalidWindow(): InvalidArgumentError {
  return new InvalidArgumentError('It must be days and hours, such as "mon-fri 09:00-18:00" or "sat,sun 10:00-16:00".');
}

function addTo(value: string, previous: readonly string[] = []): readonly string[] {
  return [...previous, value];
}

function numberArgument(value: string): number {
  if (/^\d+(\.\d+)?$/.test(value)) return Number(value);
  throw new InvalidArgumentError('It must be a number.');
}
