import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Failing polls are what these tests make: only what the SDK holds for an error is printed. Once per process. */
export function quietRuntime(): void {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}
