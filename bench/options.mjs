import { parseArgs } from 'node:util';
import { list, positive } from './arguments.mjs';

/**
 * What to measure. Lengths in milliseconds unless the name says otherwise.
 *
 * @typedef {object} Options
 * @property {string[]} shapes
 * @property {number[]} live calls under way at a time, on average
 * @property {boolean} beyond whether shapes are tried with more than they are said to hold
 * @property {number} seconds measured
 * @property {number} standingMs measured afterwards, while no call begins or ends
 * @property {number} warmUpMs of arrivals before
 * @property {number} repeat
 * @property {number} intervalMs between two polls of a call
 * @property {readonly [number, number] | undefined} callMs shortest and longest call
 * @property {number | undefined} perSecond arrivals
 * @property {number} settleMs how long after the window a result is waited for
 * @property {number} turnoverSeconds
 * @property {number} seed
 * @property {ForeignServer} foreignServer
 * @property {string | undefined} out
 * @property {string} command as given, for the report
 *
 * @typedef {object} ForeignServer the one at `TEMPORAL_ADDRESS`, which the benchmark did not start
 * @property {readonly number[]} serverPids
 * @property {string | undefined} serverMetrics address of its frontend's Prometheus metrics
 */

const HELP = `npm run bench -- [options]             many calls, steady state: what each shape costs
npm run bench -- outage [options]      the API is out for some minutes (--help lists its options)

  --quick              20 live calls, short windows, once: does it work at all?
  --shapes a,b         which of hold, unsaved, textbook, bare, dbos, or hold=2m for another hold
                       [hold,textbook,bare,dbos; with --quick: hold,textbook,bare]
  --live 100,1000      calls under way at a time            [100,1000,3000,10000]
  --beyond             also more live calls than a shape is said to hold (textbook: 1000, dbos: 3000)
  --repeat 3           runs of each shape; medians and spread need some [1]
  --seconds 60         length of the measured window        [60]
  --standing 20        seconds measured after it, while no call begins or ends [20]
  --warm-up 10         seconds of arrivals before the window [10]
  --interval 3         seconds between two polls            [3]
  --rate 15            calls that arrive a second           [0.15 · live^⅔, 50 at most]
  --call 15-45         shortest and longest call, seconds; the rate then follows [live ÷ rate, ±50 %]
  --settle 30          seconds after the window to wait for results [30]
  --turnover 10        seconds of starting workflows as fast as they finish; 0 for none [10]
  --seed 1             of the arrivals                      [1]
  --out DIR            where the results go                 [bench/results/<time>]

TEMPORAL_ADDRESS (and the rest of TEMPORAL_*): run against that server instead of a dev server of our own. Then:
  --server-pids 1,2    its processes, if on this machine, to measure their CPU
  --server-metrics URL its frontend's Prometheus metrics, to count the heartbeats that reach it`;

const SHARED = { interval: '3', seed: '1', 'server-pids': '' };
const QUICK = {
  ...{ shapes: 'hold,textbook,bare', live: '20', repeat: '1', seconds: '10', standing: '4', 'warm-up': '2' },
  ...{ call: '2-6', settle: '8', turnover: '3' },
};
const FULL = {
  ...{ shapes: 'hold,textbook,bare,dbos', live: '100,1000,3000,10000', repeat: '1', seconds: '60', standing: '20' },
  ...{ 'warm-up': '10', settle: '30', turnover: '10' },
};

/**
 * @param {string[]} args
 * @returns {Options | undefined} nothing when there was only something to say
 */
export function parseOptions(args) {
  const text = /** @type {const} */ ({ type: 'string' });
  const { values } = parseArgs({
    args,
    options: {
      ...{ quick: { type: 'boolean' }, beyond: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
      ...{ shapes: text, live: text, seconds: text, standing: text, 'warm-up': text, repeat: text, interval: text },
      ...{ rate: text, call: text, settle: text, turnover: text, seed: text, out: text },
      ...{ 'server-pids': text, 'server-metrics': text },
    },
  });
  if (values.help) {
    console.log(HELP);
    return undefined;
  }
  if (values.rate !== undefined && values.call !== undefined)
    throw new TypeError('--rate and --call: give one of them');
  /** @type {typeof values & typeof SHARED & typeof FULL} */
  const chosen = { ...SHARED, ...FULL, ...(values.quick && QUICK), ...values };
  if (values.rate !== undefined) delete chosen.call;
  return {
    shapes: chosen.shapes.split(','),
    live: list('live', chosen.live),
    beyond: chosen.beyond ?? false,
    seconds: positive('seconds', chosen.seconds),
    standingMs: positive('standing', chosen.standing) * 1_000,
    warmUpMs: positive('warm-up', chosen['warm-up']) * 1_000,
    repeat: Math.ceil(positive('repeat', chosen.repeat)),
    intervalMs: positive('interval', chosen.interval) * 1_000,
    callMs: chosen.call === undefined ? undefined : rangeMs(chosen.call),
    perSecond: chosen.rate === undefined ? undefined : positive('rate', chosen.rate),
    settleMs: positive('settle', chosen.settle) * 1_000,
    turnoverSeconds: Number(chosen.turnover),
    seed: Number(chosen.seed),
    foreignServer: {
      serverPids: chosen['server-pids'] === '' ? [] : list('server-pids', chosen['server-pids']),
      serverMetrics: chosen['server-metrics'],
    },
    out: chosen.out,
    command: ['npm run bench', ...(args.length > 0 ? ['--', ...args] : [])].join(' '),
  };
}

/** @param {string} value @returns {readonly [number, number]} */
function rangeMs(value) {
  const [shortest, longest] = list('call', value, '-');
  if (shortest === undefined || longest === undefined || longest < shortest) throw new TypeError('--call is MIN-MAX');
  return [shortest * 1_000, longest * 1_000];
}
