import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type handleUnaryCall, Server, ServerCredentials } from '@grpc/grpc-js';
import { Resource } from '@opentelemetry/resources';
import { Client } from '@temporalio/client';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { startMonitor } from '../../../src/client.js';
import { OTLP_PROTOCOLS, type OtlpProtocol } from '../../../src/worker/otel-config.js';
import { eventually, useDevServerRig } from '../../support/dev-server-rig.js';
import { makeBundles } from '../../support/image-bundles.js';
import { recordSpans } from '../../support/recorded-spans.js';
import { WorkerProcess } from '../../support/worker-process.js';

const rig = useDevServerRig();

const STATUS_REQUEST = 'GET /v1/outbound-calling/{call_sid}/status';

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
