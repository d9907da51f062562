import { trace } from '@opentelemetry/api';
import { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { Client } from '@temporalio/client';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import { Worker } from '@temporalio/worker';
import { expect, inject, onTestFinished, test } from 'vitest';

import { awaitCallOutcome } from '../../../src/client.js';
import { PolyAiClient, PolyAiPlugin } from '../../../src/plugin.js';
import { callWorker } from '../../support/call-cli.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { recordSpans } from '../../support/recorded-spans.js';

const rig = useDevServerRig();

const STATUS_REQUEST = 'GET /v1/outbound-calling/{call_sid}/status';

test('one trace leads from the request of a backend to each request to PolyAI, also when every workflow task is a replay', async () => {
  const spans = recordSpans();
  const { server, simulator, nativeConnection, client } = rig();
  const openTelemetry = new OpenTelemetryPlugin({ resource: new Resource({}), spanProcessor: spans.processor });
  const polyAi = new PolyAiClient({ baseUrl: simulator.url, token: simulator.token });
  onTestFinished(() => polyAi.close());
  const worker = await Worker.create({
    connection: nativeConnection,
    namespace: server.namespace,
    taskQueue: 'traced',
    plugins: [openTelemetry, new PolyAiPlugin({ polyAi })],
    workflowBundle: { codePath: inject('tracedBundlePath') },
    maxCachedWorkflows: 0,
  });
  const backend = new Client({
    connection: client.connection,
    namespace: server.namespace,
    plugins: [openTelemetry],
  });
  const callSid = 'OUT-traced-1';
  const polls = () => simulator.requests.filter((request) => request.callSid === callSid).length;
  simulator.addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });

  const traceId = await worker.runUntil(() =>
    trace.getTracer('backend').startActiveSpan('POST /calls', async (request) => {
      const input = { callSid, polling: { hold: 0, interval: '1s' } } as const;
      const outcome = awaitCallOutcome(backend, input, { taskQueue: 'traced' });
      await eventually('a poll', () => polls() > 0 || undefined);
      simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
      await outcome;
      request.end();
      return request.spanContext().traceId;
    }),
  );
  rig().remember(`outbound-call-${callSid}`);

  const ofCall = await eventually('the span of the workflow', () => {
    const all = spans.all().filter((span) => span.spanContext().traceId === traceId);
    return all.some(({ name }) => name === 'RunWorkflow:monitorOutboundCall') ? all : undefined;
  });
  const requests = ofCall.filter(({ name }) => name === STATUS_REQUEST);
  expect(requests).toHaveLength(polls());
  expect(requests.length).toBeGreaterThan(1);
  for (const request of requests) {
    expect(pathTo(request, ofCall)).toEqual([
      ...['POST /calls', 'StartWorkflow:monitorOutboundCall', 'RunWorkflow:monitorOutboundCall'],
      ...['StartActivity:getStatus', 'RunActivity:getStatus', STATUS_REQUEST],
    ]);
  }
  const ids = ofCall.map((span) => span.spanContext().spanId);
  expect(new Set(ids).size).toBe(ids.length);
  const named = (name: string): number => ofCall.filter((span) => span.name === name).length;
  expect(named('StartActivity:getStatus')).toBe(named('RunActivity:getStatus'));
});

/** The names of a span's ancestors, from the first, and its own. */
function pathTo(span: ReadableSpan, all: readonly ReadableSpan[]): string[] {
  const parent = all.find((other) => other.spanContext().spanId === span.parentSpanId);
  return [...(parent ? pathTo(parent, all) : []), span.name];
}

test('a worker that shall trace refuses a bundle that cannot, and says how to make one', async () => {
  const env = { ...rig().workerEnvironment(), OTEL_TRACES_EXPORTER: 'console' };
  const { code, stderr } = await callWorker(env);

  expect(code).toBe(1);
  expect(stderr).toContain('make one with temporal-polyai bundle --traces');
});
