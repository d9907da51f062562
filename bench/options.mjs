import { parseArgs } from 'node:util';

/**
 * What to measure. Lengths in milliseconds unless the name says otherwise.
 *
 * @typedef {object} Options
 * @property {string[]} shapes
 * @property {number[]} live calls under way at a time, on average
 * @property {number} seconds measured
 * @property {number} repeat
 * @property {number} intervalMs between two polls of a call
 * @property {readonly [number, number]} callMs shortest and longest call
 * @property {number} settleMs how long after the window a result is waited for
 * @property {number} turnoverSeconds
 * @property {number} seed
 * @property {number[]} serverPids of a server that the benchmark did not start
 * @property {string | undefined} out
 * @property {string} command as given, for the report
 */

const HELP = `npm run bench -- [options]

  --quick              20 live calls, a window of 15 s, once, short calls: does it work at all?
  --shapes a,b         which of textbook, bare, dbos        [all; with --quick: textbook,bare]
  --live 100,1000      calls under way at a time            [100,1000]
  --seconds 60         length of the measured window        [60]
  --repeat 3           runs of each shape                   [3]
  --interval 3         seconds between two polls            [3]
  --call 15-45         shortest and longest call, seconds   [15-45]
  --settle 30          seconds after the window to wait for results [30]
  --turnover 5         seconds of starting workflows as fast as they finish; 0 for none [5]
  --seed 1             of the arrivals                      [1]
  --server-pids 1,2    processes of the server at TEMPORAL_ADDRESS on this machine, to measure their CPU
  --out DIR            where the results go                 [bench/results/<time>]

TEMPORAL_ADDRESS (and the rest of TEMPORAL_*): run against that server instead of a dev server of our own.`;

const QUICK = {
  live: '20',
  seconds: '15',
  repeat: '1',
  call: '2-6',
  settle: '8',
  turnover: '3',
  shapes: 'textbook,bare',
};
const FULL = { live: '100,1000', seconds: '60', repeat: '3', call: '15-45', settle: '30', turnover: '5' };

/**
 * @param {string[]} args
 * @returns {Options | undefined} nothing when there was only something to say
 */
export function parseOptions(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    args,
    options: {
      ...{ quick: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      ...{ shapes: text, live: text, seconds: text, repeat: text, interval: text, call: text },
      ...{ settle: text, turnover: text, seed: text, 'server-pids': text, out: text },
    },
  });
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  const chosen = {
    ...{ shapes: 'textbook,bare,dbos', interval: '3', seed: '1', 'server-pids': '' },
    ...(values.quick ? QUICK : FULL),
    ...values,
  };
  const [shortest, longest] = numbers('call', chosen.call, '-');
  if (shortest === undefined || longest === undefined || longest < shortest) throw new TypeError('--call is MIN-MAX');
  return {
    shapes: chosen.shapes.split(','),
    live: numbers('live', chosen.live),
    seconds: positive('seconds', chosen.seconds),
    repeat: Math.ceil(positive('repeat', chosen.repeat)),
    intervalMs: positive('interval', chosen.interval) * 1_000,
    callMs: [shortest * 1_000, longest * 1_000],
    settleMs: positive('settle', chosen.settle) * 1_000,
    turnoverSeconds: Number(chosen.turnover),
    seed: Number(chosen.seed),
    serverPids: chosen['server-pids'] === '' ? [] : numbers('server-pids', chosen['server-pids']),
    out: chosen.out,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
}

/** @param {string} name @param {string} value */
function positive(name, value) {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new TypeError(`--${name} must be a number above 0, not "${value}"`);
}

/** @param {string} name @param {string} list @param {string} separator */
function numbers(name, list, separator = ',') {
  return list.split(separator).map((value) => positive(name, value));
}
