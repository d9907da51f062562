import { parseArgs } from 'node:util';
import { list, positive } from '../arguments.mjs';

/**
 * What to try. Lengths in milliseconds.
 *
 * @typedef {object} OutageOptions
 * @property {string} shape
 * @property {number} live calls under way when the outage begins
 * @property {number} ending of these, whose call ends during the outage
 * @property {number} outageMs
 * @property {number} beforeMs watched before the outage
 * @property {number} afterMs watched after it
 * @property {number} intervalMs between two polls of a call
 * @property {number} seed
 * @property {import('../options.mjs').ForeignServer} foreignServer
 * @property {string | undefined} out
 * @property {string} command as given, for the report
 */

const HELP = `npm run bench -- outage [options]

One worker monitors many calls; the simulated API then answers 503 to everything for some minutes, and works again.

  --minutes 10         how long the API is out              [10]
  --live 1000          calls under way when that begins     [1000]
  --ending 20          how many of them end meanwhile, %    [20]
  --shape hold         which of hold, textbook, bare, dbos  [hold]
  --before 30          seconds watched before               [30]
  --after 60           seconds watched after                [60]
  --interval 3         seconds between two polls            [3]
  --seed 1             of the calls' ends                   [1]
  --out DIR            where the results go                 [bench/results/<time>-outage]

TEMPORAL_ADDRESS, --server-pids, --server-metrics: as without "outage".`;

const DEFAULTS = {
  ...{ minutes: '10', live: '1000', ending: '20', shape: 'hold', before: '30', after: '60', interval: '3', seed: '1' },
  'server-pids': '',
};

/**
 * @param {string[]} args
 * @returns {OutageOptions | undefined} nothing when there was only something to say
 */
export function parseOutageOptions(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    args,
    options: {
      ...{ minutes: text, live: text, ending: text, shape: text, before: text, after: text, interval: text },
      ...{ seed: text, out: text, 'server-pids': text, 'server-metrics': text },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  const chosen = { ...DEFAULTS, ...values };
  const live = Math.ceil(positive('live', chosen.live));
  return {
    shape: chosen.shape,
    live,
    ending: Math.floor((live * Math.min(100, Number(chosen.ending))) / 100),
    outageMs: positive('minutes', chosen.minutes) * 60_000,
    beforeMs: positive('before', chosen.before) * 1_000,
    afterMs: positive('after', chosen.after) * 1_000,
    intervalMs: positive('interval', chosen.interval) * 1_000,
    seed: Number(chosen.seed),
    foreignServer: {
      serverPids: chosen['server-pids'] === '' ? [] : list('server-pids', chosen['server-pids']),
      serverMetrics: chosen['server-metrics'],
    },
    out: chosen.out,
    command: ['npm run bench -- outage', ...args].join(' '),
  };
}
