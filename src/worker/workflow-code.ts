import { fileURLToPath } from 'node:url';
import type { BundleOptions } from '@temporalio/worker';

import type { AddWorkflowsOptions } from './add-workflows-loader.js';

type WebpackHook = NonNullable<BundleOptions['webpackConfigHook']>;

/** This package's workflows. */
export const workflowsPath = modulePath('../workflows.js');

/** The modules that workflows share. */
const PRELOADED = modulePath('../workflows/preloaded.js');

const LOADER = modulePath('./add-workflows-loader.js');

/** Hooks that add this package's workflows. */
const addingHooks = new WeakSet<WebpackHook>();

/** Adds this package's workflows, and the modules that they share, to what is bundled; once, however often it is called. */
export function withPolyAiWorkflows(options: Partial<BundleOptions>): BundleOptions {
  const { workflowsPath: own = workflowsPath, preloadModules = [], webpackConfigHook } = options;
  return {
    ...options,
    workflowsPath: own,
    preloadModules: [...new Set([...preloadModules, PRELOADED])],
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
