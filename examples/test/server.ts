import type { TimeSkippingTestWorkflowEnvironmentOptions } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { inject } from 'vitest';

declare module 'vitest' {
  export interface ProvidedContext {
    temporalTestServerPath: string;
  }
}

// Failed polls, which these tests script, are logged as warnings.
Runtime.install({ logger: new DefaultLogger('ERROR') });

/** This repository has found or downloaded the test server. By default the SDK downloads it: leave the options out. */
export function timeSkippingServer(): TimeSkippingTestWorkflowEnvironmentOptions {
  return { server: { executable: { type: 'existing-path', path: inject('temporalTestServerPath') } } };
}
