import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import { RECORD_FOR_MS, SEND_WITHIN_MS } from '../../src/activities/dialler.js';
import { GET_STATUS_TIMEOUTS, MAX_REQUEST_TIMEOUT_MS, SAVE_OUTCOME_TIMEOUTS } from '../../src/contract/pacing.js';
import { FLUSH_TIMEOUT_MS } from '../../src/worker/tracing.js';

/** What a worker may still wait for after SIGTERM. */
const SHUTDOWN_MS =
  Math.max(
    GET_STATUS_TIMEOUTS.startToCloseMs,
    SAVE_OUTCOME_TIMEOUTS.shutdownMs,
    SEND_WITHIN_MS + MAX_REQUEST_TIMEOUT_MS + RECORD_FOR_MS,
  ) + FLUSH_TIMEOUT_MS;

test.each([
  ['docker-compose.yml', /^ {4}stop_grace_period: (\d+)s$/m],
  ['deploy/kubernetes/deployment.yaml', /^ {6}terminationGracePeriodSeconds: (\d+)$/m],
  ['docs/how-to/run-in-containers.md', /docker run .*--stop-timeout (\d+) /],
  ['docs/how-to/run-in-kubernetes.md', /It has (\d+) s for /],
  ['docs/reference/configuration.md', /Give it (\d+) s before it is killed/],
])('%s gives a worker 90 s to end, which is longer than it takes', (file, gracePeriod) => {
  const [, seconds] = gracePeriod.exec(readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8')) ?? [];
  expect(seconds).toBe('90');
  expect(Number(seconds) * 1_000).toBeGreaterThan(SHUTDOWN_MS);
});
