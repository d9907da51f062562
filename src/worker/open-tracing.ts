/* eslint-disable no-restricted-syntax -- the one module that imports packages which only a worker with traces has */
import type { SpanExporter } from '@opentelemetry/sdk-trace-node';
import type { Logger } from '@temporalio/worker';

import type { OtlpProtocol, TracesConfig } from './otel-config.js';
import type { Tracing } from './tracing.js';

const EXPORTERS = { 'http/protobuf': 'exporter-trace-otlp-proto', grpc: 'exporter-trace-otlp-grpc' } as const;

/**
 * Loads what traces need, and makes this process record spans.
 *
 * @throws {Error} naming the packages to install, where one is missing or has another major version
 */
export async function openTracing(config: TracesConfig, logger: Logger): Promise<Tracing> {
  try {
    const exporter = config.exporter === 'otlp' ? await openExporter(config.protocol) : undefined;
    const { startTracing } = await import('./tracing.js');
    return startTracing(exporter, logger);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const isMissing = code === 'ERR_MODULE_NOT_FOUND' || code === 'MODULE_NOT_FOUND';
    // Another major version lacks some of the names.
    const isOtherVersion = error instanceof SyntaxError;
    if (!isMissing && !isOtherVersion) throw error;
    const reason = isOtherVersion ? 'another version of OpenTelemetry is installed; ' : '';
    const command = `npm install ${packagesFor(config).join(' ')}`;
    throw new Error(`${reason}install what the traces of this worker need: ${command}`, { cause: error });
  }
}

async function openExporter(protocol: OtlpProtocol): Promise<SpanExporter> {
  const { OTLPTraceExporter } =
    protocol === 'grpc'
      ? await import('@opentelemetry/exporter-trace-otlp-grpc')
      : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

/** Of the version of OpenTelemetry that the SDK's interceptors use. */
function packagesFor(config: TracesConfig): string[] {
  return [
    '@temporalio/interceptors-opentelemetry',
    '@opentelemetry/resources@1',
    '@opentelemetry/sdk-trace-node@1',
    ...(config.exporter === 'otlp' ? [`@opentelemetry/${EXPORTERS[config.protocol]}@0.57`] : []),
  ];
}
