import { fileURLToPath } from 'node:url';
import type { BundleOptions, WorkerOptions } from '@temporalio/worker';

import type { AddWorkflowsOptions } from './add-workflows-loader.js';

type WebpackHook = NonNullable<BundleOptions['webpackConfigHook']>;

/** This package's workflows. */
export const workflowsPath = modulePath('../workflows/registered.js');

/** The modules that workflows share. */
const PRELOADED = modulePath('../workflows/preloaded.js');

/** Tells the worker of monitors that workflows start. */
const MONITOR_STARTS = modulePath('../workflows/monitor-starts.js');

const LOADER = modulePath('./add-workflows-loader.js');

/** Hooks that add this package's workflows. */
const addingHooks = new WeakSet<WebpackHook>();

/** The options of a worker, which runs this package's workflows if it is given none. */
export function withDefaultWorkflows<Options extends Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'>>(
  worker: Options,
): Options {
  return worker.workflowBundle ? worker : { ...worker, workflowsPath: worker.workflowsPath ?? workflowsPath };
}

/** Adds this package's workflows, the modules that they share and its interceptor to what is bundled; once, however often it is called. */
export function withPolyAiWorkflows(options: Partial<BundleOptions>): BundleOptions {
  const { workflowsPath: own = workflowsPath, preloadModules = [], webpackConfigHook } = options;
  const { workflowInterceptorModules = [] } = options;
  return {
    ...options,
    workflowsPath: own,
    preloadModules: [...new Set([...preloadModules, PRELOADED])],
    workflowInterceptorModules: [...new Set([...workflowInterceptorModules, MONITOR_STARTS])],
    ...(own !== workflowsPath && { webpackConfigHook: addingHook(webpackConfigHook) }),
  };
}

function addingHook(before: WebpackHook = (config) => config): WebpackHook {
  if (addingHooks.has(before)) return before;
  const options: AddWorkflowsOptions = { workflowsPath };
  const hook: WebpackHook = (given) => {
    const config = before(given);
    // The one module that the SDK generates.
    const [resource] = given.entry as readonly string[];
    const rule = { resource: resource!, use: [{ loader: LOADER, options }] };
    return { ...config, module: { ...config.module, rules: [...(config.module?.rules ?? []), rule] } };
  };
  addingHooks.add(hook);
  return hook;
}

function modulePath(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
