import * as sdk from '@temporalio/workflow';

import * as completionWaiter from './completion-waiter.js';
import * as monitor from './monitor-outbound-call.js';
import * as monitorStarts from './monitor-starts.js';

/**
 * The modules of this package, and with them those of the SDK, that all workflows of a worker share, for the bundler's
 * `preloadModules`: evaluated once, not for each workflow. A module that keeps state of a workflow must not be reached from
 * here: all workflows would share that too. A test walks what is reached.
 *
 * They are referenced, because webpack drops an import of a package without side effects that nobody uses.
 */
export const preloaded = [sdk, completionWaiter, monitor, monitorStarts] as const;
