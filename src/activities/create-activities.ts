import { Context } from '@temporalio/activity';

import type { ReadMonitorInput, ReadMonitorResult } from '../contract/completion.js';
import type { GetStatusInput, GetStatusResult, WorkerCapabilities } from '../contract/get-status.js';
import type { OutcomeRecord } from '../contract/outcome.js';
import type { OutcomeStore } from '../outcomes/store.js';
import { type AccountClients, AccountRegistry } from './accounts.js';
import { clientOf } from './activity-context.js';
import { GetStatusAttempt } from './get-status.js';
import { LatestPolls } from './latest-polls.js';
import { LongPollSlots } from './long-poll-slots.js';
import { createSaveOutcome, OutcomeSaver, type SaveOutcomeResult } from './outcomes.js';
import { readMonitor } from './read-monitor.js';
import type { StatusUpdates } from './status-updates.js';
import { TimeSkippingWarning } from './time-skipping-warning.js';
import { MetricsOfWorkers } from './worker-metrics.js';
import { checkCallsAtOnce } from './worker-options.js';

/** What the activities need. */
export interface ActivityDependencies extends AccountClients {
  /**
   * Whether the namespace has the search attribute `PolyAiCallStatus`; a function is called for each result.
   * @default false
   */
  readonly searchAttributes?: boolean | (() => boolean) | undefined;
  /**
   * Whether the namespace has the search attribute `PolyAiAlarm`; a function is called for each result.
   * @default false
   */
  readonly alarmAttribute?: boolean | (() => boolean) | undefined;
  /**
   * How many long polls this worker runs at once; beyond that the oldest are evicted. Must be below the worker's activity
   * slots (`maxConcurrentActivityTaskExecutions`, 100 by default); see `holdingWorkerOptions`.
   * @default 80
   */
  readonly callsAtOnce?: number | undefined;
  /**
   * How a status change during a long poll reaches the monitor:
   * - `signal`: within two seconds, in `progress`, current details, memo and search attribute. Each change is one action on
   *   Temporal Cloud, two with the search attribute, and usually five events.
   * - `heartbeat`: with the next heartbeat, at most 75 s later, in `MonitorHandle.describe` only, at no cost beyond the heartbeat. For workers with thousands of calls.
   * @default 'signal'
   */
  readonly statusUpdates?: StatusUpdates | undefined;
  /**
   * Where outcomes are stored beyond status retention and namespace retention; see `openOutcomeStore`.
   * @default no outcome store
   */
  readonly outcomes?: OutcomeStore | undefined;
  /**
   * The clock, in epoch milliseconds.
   * @default Date.now
   */
  readonly now?: (() => number) | undefined;
}

/** Below the 100 activity slots that the SDK gives a worker by default. */
const SAFE_CALLS_AT_ONCE = 80;

/** The activities of this package, by activity type. */
export interface PolyAiActivities {
  /** One poll of a call's status, or a long poll. */
  readonly getStatus: (input: GetStatusInput) => Promise<GetStatusResult>;
  /** Reads how the monitor of a call ended, or that it is still running. */
  readonly readMonitor: (input: ReadMonitorInput) => Promise<ReadMonitorResult>;
  /** Saves the outcome of a call. */
  readonly saveOutcome: (outcome: OutcomeRecord) => Promise<SaveOutcomeResult>;
}

/**
 * Creates the activities of a worker.
 *
 * @throws {TypeError} without any account
 * @throws {RangeError} unless `callsAtOnce` is a whole number above 0
 * @example
 * const polyAi = new PolyAiClient({ baseUrl: REGION_BASE_URLS['us-1'], token: () => readToken() });
 * const worker = await Worker.create({ taskQueue, workflowsPath, activities: createActivities({ polyAi }) });
 */
export function createActivities(dependencies: ActivityDependencies): PolyAiActivities {
  return createActivitiesOf(undefined, dependencies);
}

/**
 * Creates the activities of `worker`. With `undefined`, several workers share them and are distinguished by their clients; a
 * worker whose connection is replaced, for example to renew certificates, then counts as a new one.
 */
export function createActivitiesOf(worker: object | undefined, dependencies: ActivityDependencies): PolyAiActivities {
  const { searchAttributes, alarmAttribute, outcomes, now = Date.now } = dependencies;
  const { callsAtOnce = SAFE_CALLS_AT_ONCE, statusUpdates = 'signal' } = dependencies;
  checkCallsAtOnce(callsAtOnce);
  const shared = {
    now,
    accounts: new AccountRegistry(dependencies),
    workerOf: (context: Context) => worker ?? clientOf(context) ?? dependencies,
    get capabilities(): WorkerCapabilities {
      return {
        ...(isTrue(searchAttributes) && { searchAttributes: true }),
        ...(isTrue(alarmAttribute) && { alarmAttribute: true }),
        ...(outcomes && { outcomeStore: 'on' }),
      };
    },
    metrics: new MetricsOfWorkers(now),
    outcomes: new OutcomeSaver(outcomes),
    latestPolls: new LatestPolls(),
    longPolls: new LongPollSlots(callsAtOnce),
    statusUpdates,
  };
  const timeSkipping = new TimeSkippingWarning();
  return {
    getStatus: async (input) => {
      const context = Context.current();
      if (input.hold) timeSkipping.check(context);
      return await new GetStatusAttempt(shared, context, input).run();
    },
    readMonitor,
    saveOutcome: createSaveOutcome(outcomes),
  };
}

function isTrue(value: boolean | (() => boolean) | undefined): boolean {
  return typeof value === 'function' ? value() : value === true;
}
