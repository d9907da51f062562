import { DefaultLogger, Runtime } from '@temporalio/worker';

let isInstalled = false;

/** Failing polls are what these tests make: only what the SDK holds for an error is printed. Once per process. */
export function quietRuntime(): void {
  if (isInstalled) return;
  isInstalled = true;
  Runtime.install({ logger: new DefaultLogger('ERROR') });
}
