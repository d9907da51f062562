import {
  type BundleOptions,
  type BundlerPlugin,
  NativeConnection,
  type ReplayWorkerOptions,
  Runtime,
  type WorkerOptions,
  type WorkerPlugin,
} from '@temporalio/worker';

import type { AccountClients } from '../activities/accounts.js';
import { createActivitiesOf, type PolyAiActivities } from '../activities/create-activities.js';
import { type CampaignActivities, createCampaignActivities } from '../activities/create-campaign-activities.js';
import type { StatusUpdates } from '../activities/status-updates.js';
import { DEFAULT_CALLS_AT_ONCE, holdingWorkerOptions } from '../activities/worker-options.js';
import type { CampaignStore } from '../campaigns/store.js';
import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import type { OutcomeStore } from '../outcomes/store.js';
import { callsAtOnceWithin } from './calls-at-once.js';
import { MonitorStartWatch } from './monitor-start-watch.js';
import type { SearchAttributeMode } from './search-attribute-mode.js';
import { SearchAttributes } from './search-attributes.js';
import { withDefaultWorkflows, withPolyAiWorkflows } from './workflow-code.js';

export interface PolyAiPluginOptions extends AccountClients {
  /**
   * How many long polls a worker runs at once. Its number of activity slots follows from it, unless the worker sets its own
   * (`maxConcurrentActivityTaskExecutions`, or a `tuner`): if those are too few, then four fifths of them. With a resource-based
   * or custom tuner, set it below what the tuner really grants.
   * @default 1_000
   */
  readonly callsAtOnce?: number | undefined;
  /**
   * How a status change during a long poll reaches the monitor; see `ActivityDependencies.statusUpdates`.
   * @default 'signal'
   */
  readonly statusUpdates?: StatusUpdates | undefined;
  /**
   * Where outcomes are saved; see `openOutcomeStore`. The caller closes it after the worker has stopped.
   * @default outcomes are not saved
   */
  readonly outcomes?: OutcomeStore | undefined;
  /**
   * Contacts and attempts of call campaigns, in the database of the outcomes; see `openCampaignStore`. The caller closes it after
   * the worker has stopped.
   * @default the worker runs no campaigns
   */
  readonly campaigns?: CampaignStore | undefined;
  /**
   * Whether monitors write search attributes.
   * @default "auto"
   */
  readonly searchAttributes?: SearchAttributeMode | undefined;
}

/** The options of each worker that the plugin has configured, by its `getStatus`. */
const configured = new WeakMap<PolyAiActivities['getStatus'], PolyAiPluginOptions>();

/**
 * Adds call monitoring to a worker of your own: workflows beside those of your `workflowsPath`, activities beside yours, the
 * options of a worker that runs many long polls, and search attributes where the namespace has them. Options that you set
 * are kept. Give it to the worker or to its connection; given more than once with the same options, it acts once.
 *
 * For a prebuilt `workflowBundle`, give it to `bundleWorkflowCode` as well.
 *
 * @example
 * const polyAi = new PolyAiClient({ baseUrl: REGION_BASE_URLS['us-1'], token: () => readToken() });
 * const worker = await Worker.create({ connection, taskQueue, workflowsPath, activities, plugins: [new PolyAiPlugin({ polyAi })] });
 */
export class PolyAiPlugin implements WorkerPlugin, BundlerPlugin {
  readonly name = 'temporal-polyai';

  constructor(private readonly options: PolyAiPluginOptions) {}

  /**
   * @throws {TypeError} when the worker has an activity of its own with the name of one of this package, when the plugin was given
   * before with other options, or without any account
   * @throws {RangeError} unless `callsAtOnce` is a whole number above 0
   */
  async configureWorker(worker: WorkerOptions): Promise<WorkerOptions> {
    const { activities: own = {} } = worker;
    const earlier = configured.get((own as Partial<PolyAiActivities>).getStatus!);
    if (earlier) {
      refuseOtherOptions(earlier, this.options);
      return worker;
    }
    const { callsAtOnce: wanted = DEFAULT_CALLS_AT_ONCE, searchAttributes: mode = 'auto' } = this.options;
    const callsAtOnce = callsAtOnceWithin(worker, wanted);
    const { namespace = 'default', taskQueue, connection } = worker;
    const { logger } = Runtime.instance();
    const attributes = new SearchAttributes({ mode, namespace, logger });
    const activities = createActivitiesOf(worker, {
      ...this.options,
      callsAtOnce,
      searchAttributes: () => attributes.has(CALL_STATUS_SEARCH_ATTRIBUTE),
      alarmAttribute: () => attributes.has(ALARM_SEARCH_ATTRIBUTE),
    });
    const { campaigns, polyAi, accounts } = this.options;
    const ours = { ...activities, ...(campaigns && createCampaignActivities({ campaigns, polyAi, accounts })) };
    refuseSameNames(own, ours);
    await findSearchAttributes(attributes, connection);
    const starts = new MonitorStartWatch({ connection, namespace, taskQueue, logger });
    configured.set(activities.getStatus, this.options);
    return {
      ...workerOptions(callsAtOnce, worker),
      ...withDefaultWorkflows(worker),
      activities: { ...own, ...ours },
      sinks: { ...worker.sinks, ...starts.sinks },
    };
  }

  configureReplayWorker(worker: ReplayWorkerOptions): ReplayWorkerOptions {
    return withDefaultWorkflows(worker);
  }

  configureBundler(bundle: BundleOptions): BundleOptions {
    return withPolyAiWorkflows(bundle);
  }
}

/** Not the size of the workflow cache, which serves the worker's own workflows too. */
function workerOptions(callsAtOnce: number, { tuner }: WorkerOptions): Partial<WorkerOptions> {
  const { maxConcurrentActivityTaskExecutions } = holdingWorkerOptions(callsAtOnce);
  return tuner ? {} : { maxConcurrentActivityTaskExecutions };
}

function refuseOtherOptions(earlier: PolyAiPluginOptions, given: PolyAiPluginOptions): void {
  const names = Object.keys({ ...earlier, ...given }) as (keyof PolyAiPluginOptions)[];
  const different = names.filter((name) => earlier[name] !== given[name]);
  if (different.length === 0) return;
  throw new TypeError(
    `PolyAiPlugin was given twice with different options (${different.join(', ')}): give it to the worker or to its connection`,
  );
}

function refuseSameNames(own: object, activities: PolyAiActivities & Partial<CampaignActivities>): void {
  const taken = Object.keys(activities).filter((name) => Object.hasOwn(own, name));
  if (taken.length === 0) return;
  throw new TypeError(
    `PolyAiPlugin brings activities that the worker has already: ${taken.join(', ')}. Leave out createActivities, or rename yours.`,
  );
}

/**
 * A worker without a connection of its own connects to the default address; so does this, for each time it asks. The first time
 * it fails at once where the worker would.
 */
async function findSearchAttributes(attributes: SearchAttributes, given: NativeConnection | undefined): Promise<void> {
  if (given) return await attributes.find((use) => use(given));
  const opened = [await NativeConnection.connect()];
  await attributes.find(async (use) => {
    const connection = opened.pop() ?? (await NativeConnection.connect());
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  });
  // Nothing was asked.
  await opened.pop()?.close();
}
