/** The options of all commands. All times are in seconds, unless the name says otherwise. */
import { Command, InvalidArgumentError, Option } from '@commander-js/extra-typings';

export type BenchmarkOptions = ReturnType<ReturnType<typeof benchmarkCommand>['opts']>;
export type OutageOptions = ReturnType<ReturnType<typeof outageCommand>['opts']>;
export type FailingOptions = ReturnType<ReturnType<typeof failingCommand>['opts']>;
export type ClaimsOptions = ReturnType<ReturnType<typeof claimsCommand>['opts']>;
export type PlansOptions = ReturnType<ReturnType<typeof plansCommand>['opts']>;
export type CampaignOptions = ReturnType<ReturnType<typeof campaignCommand>['opts']>;
/** What the commands that monitor calls have. */
export type CommonOptions = Pick<OutageOptions, 'interval' | 'out' | 'serverPids' | 'serverMetrics'>;

const QUICK = {
  ...{ shapes: ['hold', 'textbook', 'bare'], live: [20], seconds: 10, standing: 4, warmUp: 2, call: [2, 6] },
  ...{ settle: 8, turnover: 3 },
};

export function benchmarkCommand() {
  return new Command('npm run bench --')
    .description('Measures what each way to monitor calls ("shape") costs, with many calls in a steady state.')
    .addOption(new Option('--quick', '20 live calls and short windows: shows that it works').implies(QUICK))
    .option(
      '--shapes <names>',
      'of hold, heartbeat, traced, unsaved, sdk, textbook, bare, dbos, and hold=2m for another hold',
      list,
      [...['hold', 'textbook', 'bare', 'dbos']],
    )
    .option('--live <numbers>', 'calls under way at a time', numbers, [100, 1_000, 3_000, 10_000])
    .option('--beyond', 'also more live calls than a shape is meant for (textbook: 1000, dbos: 3000)', false)
    .option('--baseline <folder>', 'a built checkout whose shapes are measured too, as hold@baseline')
    .option('--repeat <runs>', 'runs of each shape; medians and spread need several', whole, 1)
    .option('--seconds <seconds>', 'length of the measured window', positive, 60)
    .option('--standing <seconds>', 'measured after it, while no call starts or ends', positive, 20)
    .option('--warm-up <seconds>', 'arrivals before the window', positive, 10)
    .option('--rate <calls>', 'calls that arrive a second (default: 0.15 · live^⅔, 50 at most)', positive)
    .option('--call <min-max>', 'shortest and longest call; the rate follows (default: live ÷ rate, ±50 %)', range)
    .option('--settle <seconds>', 'how long results are waited for after the window', positive, 30)
    .option('--turnover <seconds>', 'of starting workflows as fast as they finish; 0 for none', notNegative, 10)
    .option('--interval <seconds>', 'between two polls of a call', positive, 3)
    .option('--seed <number>', 'of the random calls', notNegative, 1)
    .option('--out <folder>', 'where the results go (default: bench/results/<time>)')
    .option('--server-pids <numbers>', 'processes of the server at TEMPORAL_ADDRESS, to measure their CPU', numbers, [])
    .option('--server-metrics <url>', "Prometheus metrics of that server's frontend, to count heartbeats")
    .addHelpText('after', '\nWith TEMPORAL_ADDRESS (and the rest of TEMPORAL_*) it uses that server, not a dev server.')
    .enablePositionalOptions();
}

export function outageCommand() {
  return new Command('outage')
    .description('Measures calls while the API is out for some minutes.')
    .option('--minutes <minutes>', 'how long the API is out', positive, 10)
    .option('--live <number>', 'calls under way when the outage starts', whole, 1_000)
    .option('--ending <percent>', 'how many of them end during the outage', percent, 20)
    .option('--shape <name>', 'of hold, heartbeat, traced, unsaved, textbook, bare, dbos', 'hold')
    .option('--before <seconds>', 'watched before the outage', positive, 30)
    .option('--after <seconds>', 'watched after it', positive, 60)
    .option('--interval <seconds>', 'between two polls of a call', positive, 3)
    .option('--seed <number>', 'of the ends of calls', notNegative, 1)
    .option('--out <folder>', 'where the results go (default: bench/results/<time>-outage)')
    .option('--server-pids <numbers>', 'as without "outage"', numbers, [])
    .option('--server-metrics <url>', 'as without "outage"');
}

export function failingCommand() {
  return new Command('failing')
    .description('Measures how often healthy calls are polled while others are answered with 500 for ever.')
    .option('--percent <numbers>', 'of the calls that fail; each is a run', percents, [0, 50, 70])
    .option('--live <number>', 'calls under way', whole, 1_000)
    .option('--shape <name>', 'of hold, heartbeat, traced, unsaved, textbook, bare, dbos', 'hold')
    .option('--warm-up <seconds>', 'before the window', positive, 30)
    .option('--seconds <seconds>', 'length of the measured window', positive, 60)
    .option('--interval <seconds>', 'between two polls of a call', positive, 3)
    .option('--out <folder>', 'where the results go (default: bench/results/<time>-failing)')
    .option('--server-pids <numbers>', 'as without "failing"', numbers, [])
    .option('--server-metrics <url>', 'as without "failing"');
}

export function claimsCommand() {
  return new Command('claims')
    .description('Measures the transactions of a campaign store with many waiting contacts, on SQLite and PostgreSQL.')
    .option('--rows <number>', 'waiting contacts', whole, 1_000_000)
    .option('--claims <number>', 'calls that are claimed, dialled and ended, on paper', whole, 5_000)
    .option('--databases <names>', 'of sqlite, postgres', databases, ['sqlite', 'postgres'])
    .option('--out <folder>', 'where the results go (default: bench/results/<time>-claims)');
}

export function plansCommand() {
  return new Command('plans')
    .description('Measures the plan of a campaign (who would be dialled when) on SQLite and PostgreSQL.')
    .option('--contacts <numbers>', 'contacts of the campaigns', numbers, [10_000, 100_000, 300_000, 1_000_000])
    .option('--databases <names>', 'of sqlite, postgres', databases, ['sqlite', 'postgres'])
    .option('--out <folder>', 'where the results go (default: bench/results/<time>-plans)');
}

export function campaignCommand() {
  return new Command('campaign')
    .description('Runs a call campaign against the simulator, and compares its database with what was dialled.')
    .option('--contacts <number>', 'contacts of the campaign', whole, 50_000)
    .option('--at-once <number>', 'calls at once', whole, 100)
    .option('--per-second <number>', 'calls a second', positive, 50)
    .option('--call <seconds>', 'length of a call', positive, 2)
    .option('--workers <number>', 'worker processes, and lanes of the campaign', whole, 1)
    .option('--answer <ms>', 'how long the simulator takes to answer a request that it has dialled', notNegative, 150)
    .option('--chaos', 'kills and stops workers, kills the server, and resets the workflow, at random', false)
    .option('--every <seconds>', 'mean pause between two such events', positive, 5)
    .option('--unguarded', 'with a store that takes what may have been dialled for not dialled', false)
    .option('--minutes <minutes>', 'when it is given up', positive, 240)
    .option('--out <folder>', 'where the results go (default: bench/results/<time>-campaign)');
}

/** How this process was started. */
export function commandLine(): string {
  const args = process.argv.slice(2);
  return ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' ');
}

function positive(text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new InvalidArgumentError('It must be a number above 0.');
}

function whole(text: string): number {
  return Math.ceil(positive(text));
}

function notNegative(text: string): number {
  return text === '0' ? 0 : positive(text);
}

function percent(text: string): number {
  return Math.min(100, notNegative(text));
}

function percents(text: string): number[] {
  return list(text).map(percent);
}

function list(text: string): string[] {
  return text.split(',');
}

function databases(text: string): string[] {
  const names = list(text);
  if (names.every((name) => ['sqlite', 'postgres'].includes(name))) return names;
  throw new InvalidArgumentError('It must be sqlite, postgres or sqlite,postgres.');
}

function numbers(text: string): number[] {
  return list(text).map(positive);
}

function range(text: string): readonly number[] {
  const bounds = text.split('-').map(positive);
  if (bounds.length === 2 && bounds[0]! <= bounds[1]!) return bounds;
  throw new InvalidArgumentError('It must be two numbers, such as 15-45.');
}
