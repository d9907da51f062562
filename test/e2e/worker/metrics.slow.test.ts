import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

import { choosePorts } from '../../../src/playground/ports.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig();

/** The labels that the SDK gives every metric of an activity. */
const OF_THE_SDK = /(?:namespace|taskQueue|activityType)="[^"]*",?/g;

/** The metrics of this package, by name and labels of their own. */
async function scrape(address: string): Promise<Map<string, number>> {
  const text = await (await fetch(`http://${address}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('polyai_'));
  return new Map(
    lines.map((line) => {
      const [series = '', value] = line.split(/ (?=\S+$)/);
      return [series.replace(OF_THE_SDK, '').replace(',}', '}'), Number(value)];
    }),
  );
}

async function get(address: string, path: string): Promise<[number, string]> {
  const response = await fetch(`http://${address}${path}`);
  return [response.status, (await response.text()).trim()];
}

test('in an outage a scrape says what fails, what is live, how old it is and what time is left; and so it does after it', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [metricsPort, healthPort] = await choosePorts('127.0.0.1', [undefined, undefined]);
  const [address, health] = [`127.0.0.1:${metricsPort}`, `127.0.0.1:${healthPort}`];
  const { simulator } = rig();
  const polling = { interval: '1s' };
  const [seen, unseen] = [['OUT-metrics-1', 'OUT-metrics-2'], 'OUT-metrics-3'];
  for (const callSid of [...seen, unseen]) simulator.addCall(callSid, { queuedMs: 0, callingMs: Infinity });
  const worker = new WorkerProcess({
    ...rig().workerEnvironment(),
    POLYAI_OUTCOMES_URL: `sqlite:${join(folder, 'outcomes.sqlite')}`,
    POLYAI_METRICS_ADDRESS: address,
    POLYAI_HEALTH_ADDRESS: health,
  });
  await eventually('readiness', async () => {
    const status = await get(health, '/readyz').then(
      ([code]) => code,
      () => undefined,
    );
    return status === 200 || undefined;
  });
  expect(await get(health, '/healthz')).toEqual([200, 'alive']);

  const monitors = await Promise.all(seen.map((callSid) => rig().start({ callSid, polling })));
  const live = (status: string) => `polyai_live_calls{account="default",status="${status}"}`;
  const calm = await eventually('two observed calls', async () => {
    const metrics = await scrape(address);
    return metrics.get(live('calling')) === 2 ? metrics : undefined;
  });
  expect(calm.get('polyai_throttled{account="default"}')).toBe(0);
  expect(calm.get('polyai_unobserved_call_age_seconds{account="default"}')).toBe(0);
  expect(calm.has('polyai_status_requests_total{account="default",answer="unavailable"}')).toBe(false);

  simulator.setFault({ kind: 'status', status: 503 });
  const began = Date.now();
  monitors.push(await rig().start({ callSid: unseen, polling }));
  const outage = await eventually('ten seconds of outage', async () => {
    const metrics = await scrape(address);
    return metrics.get('polyai_unobserved_call_age_seconds{account="default"}')! >= 10 ? metrics : undefined;
  });
  const elapsed = (Date.now() - began) / 1_000;
  const failed = simulator.requests.filter(({ status }) => status === 503).length;
  expect(outage.get(live('calling'))).toBe(2);
  expect(outage.get(live('none'))).toBe(1);
  expect(outage.get('polyai_unobserved_call_age_seconds{account="default"}')).toBeLessThanOrEqual(elapsed + 1);
  expect(outage.get('polyai_outcome_safe_seconds{account="default"}')).toBeLessThanOrEqual(7_190);
  expect(outage.get('polyai_calls_at_risk{account="default"}')).toBe(0);
  const counted = outage.get('polyai_status_requests_total{account="default",answer="unavailable"}');
  expect(counted).toBeGreaterThan(0);
  expect(counted).toBeLessThanOrEqual(failed);
  expect([...outage.keys()].filter((series) => series.includes('OUT-'))).toEqual([]);

  simulator.setFault(undefined);
  for (const callSid of [...seen, unseen]) simulator.addCall(callSid, { statuses: [{ status: 'failure' }] });
  await Promise.all(monitors.map((monitor) => monitor.result()));
  const over = await eventually('no live call', async () => {
    const metrics = await scrape(address);
    const counts = [live('calling'), live('none')].map((name) => metrics.get(name));
    return counts.every((count) => count === 0) ? metrics : undefined;
  });
  expect(over.get('polyai_outcomes_total{account="default",status="failure"}')).toBe(3);
  expect(over.get('polyai_outcome_saves_total{account="default",result="ok"}')).toBe(3);
  expect(over.get('polyai_outcome_safe_seconds{account="default"}')).toBe(7_200);
  expect(over.get('polyai_unobserved_call_age_seconds{account="default"}')).toBe(0);
  expect(over.get('polyai_throttled{account="default"}')).toBe(0);
  const requests = [...over].filter(([series]) => series.startsWith('polyai_status_requests_total'));
  const latencies = over.get('polyai_status_request_latency_seconds_count{account="default"}');
  expect(requests.reduce((sum, [, count]) => sum + count, 0)).toBe(latencies);
  const buckets = [...over.keys()].filter((series) =>
    series.startsWith('polyai_status_request_latency_seconds_bucket'),
  );
  expect(buckets.flatMap((series) => /le="([^"]+)"/.exec(series)?.[1] ?? [])).toEqual(
    expect.arrayContaining(['0.2', '0.3', '15', '+Inf']),
  );

  expect(await worker.end('SIGTERM')).toBe(0);
});
