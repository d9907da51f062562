import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { trace } from '@opentelemetry/api';
import { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import { Client } from '@temporalio/client';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';

import { awaitCallOutcome, startMonitor } from '../../../src/client.js';
import { PolyAiClient, PolyAiPlugin } from '../../../src/plugin.js';
import { OTLP_PROTOCOLS, type OtlpProtocol } from '../../../src/worker/otel-config.js';
import { callWorker } from '../../support/call-cli.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { makeBundles } from '../../support/image-bundles.js';
import { recordSpans } from '../../support/recorded-spans.js';
import { WorkerProcess } from '../../support/worker-process.js';

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

interface Export {
  readonly signal: 'metrics' | 'traces';
  /** The header `api-key`. */
  readonly apiKey: unknown;
  readonly body: Buffer;
}

interface Collector {
  readonly endpoint: string;
  /** So far, in the order of arrival. */
  readonly exports: readonly Export[];
}

/** Collectors that keep what they are sent; they close with the test. */
const COLLECTORS: Readonly<Record<OtlpProtocol, () => Promise<Collector>>> = {
  async 'http/protobuf'() {
    const exports: Export[] = [];
    const collector = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const signal = request.url === '/v1/metrics' ? 'metrics' : 'traces';
        exports.push({ signal, apiKey: request.headers['api-key'], body: Buffer.concat(chunks) });
        response.end();
      });
    });
    collector.listen(0, '127.0.0.1');
    await once(collector, 'listening');
    onTestFinished(() => {
      collector.closeAllConnections();
      collector.close();
    });
    const { port } = collector.address() as AddressInfo;
    return { endpoint: `http://127.0.0.1:${port}`, exports };
  },

  async grpc() {
    const exports: Export[] = [];
    const collector = new Server();
    const asItIs = (message: Buffer): Buffer => message;
    const coding = { requestSerialize: asItIs, requestDeserialize: asItIs };
    const answer = { responseSerialize: asItIs, responseDeserialize: asItIs };
    for (const [signal, service] of [
      ['metrics', 'metrics.v1.MetricsService'],
      ['traces', 'trace.v1.TraceService'],
    ] as const) {
      const path = `/opentelemetry.proto.collector.${service}/Export`;
      const Export: handleUnaryCall<Buffer, Buffer> = ({ request: body, metadata }, respond) => {
        exports.push({ signal, apiKey: metadata.get('api-key')[0], body });
        respond(null, Buffer.alloc(0));
      };
      const method = { path, requestStream: false, responseStream: false, ...coding, ...answer } as const;
      collector.addService({ Export: method }, { Export });
    }
    const bind = promisify(collector.bindAsync.bind(collector));
    const port = await bind('127.0.0.1:0', ServerCredentials.createInsecure());
    onTestFinished(() => collector.forceShutdown());
    return { endpoint: `http://127.0.0.1:${port}`, exports };
  },
};

/** What the compose file passes for variables that `.env` does not have. */
const UNSET_IN_COMPOSE = {
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: '',
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: '',
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: '',
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: '',
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: '',
  OTEL_RESOURCE_ATTRIBUTES: '',
  OTEL_SDK_DISABLED: '',
};

/** The variables of the image, with which its bundles are used. */
let image: Record<string, string> = {};
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-polyai-image-'));
  image = await makeBundles(folder);
});

afterAll(() => rm(folder, { recursive: true }));

test.each(OTLP_PROTOCOLS)(
  'a worker of the image sends the spans of a call and its metrics by OTLP over %s, the last spans when it ends',
  async (protocol) => {
    const spans = recordSpans();
    const { endpoint, exports } = await COLLECTORS[protocol]();
    const { simulator, client, server } = rig();
    const plugins = [new OpenTelemetryPlugin({ resource: new Resource({}), spanProcessor: spans.processor })];
    const backend = new Client({ connection: client.connection, namespace: server.namespace, plugins });
    const worker = new WorkerProcess({
      ...rig().workerEnvironment(),
      ...image,
      ...UNSET_IN_COMPOSE,
      OTEL_TRACES_EXPORTER: 'otlp',
      OTEL_METRICS_EXPORTER: 'otlp',
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_HEADERS: 'api-key=k%201',
      OTEL_SERVICE_NAME: 'call-monitors',
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      // Longer than the test: what arrives was sent when the worker ended.
      OTEL_BSP_SCHEDULE_DELAY: '3600000',
    });
    const callSid = `OUT-traced-${protocol.replace('/', '-')}`;
    simulator.addCall(callSid, { statuses: [{ status: 'success' }] });

    const monitor = await startMonitor(backend, { callSid });
    rig().remember(monitor.workflowId);
    await monitor.result();
    const of = (signal: string) => exports.filter((sent) => sent.signal === signal).map(({ body }) => body);
    await eventually('metrics', () => of('metrics').some((body) => body.includes('polyai_outcomes')) || undefined);
    expect(of('traces')).toEqual([]);
    expect(await worker.end('SIGTERM')).toBe(0);

    const [start] = spans.all().filter(({ name }) => name === 'StartWorkflow:monitorOutboundCall');
    const traceId = Buffer.from(start!.spanContext().traceId, 'hex');
    const sent = Buffer.concat(of('traces'));
    expect(sent.includes(traceId)).toBe(true);
    const names = ['RunWorkflow:monitorOutboundCall', 'RunActivity:getStatus', STATUS_REQUEST, 'call-monitors'];
    expect(names.filter((name) => !sent.includes(name))).toEqual([]);
    expect(exports.map(({ apiKey }) => apiKey)).toEqual(exports.map(() => 'k 1'));
    expect(Buffer.concat(exports.map(({ body }) => body)).includes(simulator.token)).toBe(false);
    expect(of('metrics')[0]?.includes('call-monitors')).toBe(true);
  },
);

test('a worker that shall trace refuses a bundle that cannot, and says how to make one', async () => {
  const env = { ...rig().workerEnvironment(), OTEL_TRACES_EXPORTER: 'console' };
  const { code, stderr } = await callWorker(env);

  expect(code).toBe(1);
  expect(stderr).toContain('make one with temporal-polyai bundle --traces');
});
