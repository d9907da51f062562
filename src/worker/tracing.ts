import { hostname } from 'node:os';
import { diag, DiagLogLevel } from '@opentelemetry/api';
import { detectResourcesSync, envDetectorSync, Resource } from '@opentelemetry/resources';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
  type SpanExporter,
} from '@opentelemetry/sdk-trace-node';
import { OpenTelemetryPlugin } from '@temporalio/interceptors-opentelemetry';
import type { Logger } from '@temporalio/worker';

import { withTimeout } from '../platform/abortable.js';
import { errorMessage } from '../platform/error-message.js';
import { plainText } from '../platform/plain-text.js';

/** For a collector that does not answer, when the worker ends. */
export const FLUSH_TIMEOUT_MS = 5_000;

/** The traces of a worker process. */
export interface Tracing {
  /** Adds the interceptors to the worker, and exports the spans of its workflows. */
  readonly plugin: OpenTelemetryPlugin;
  /** Exports what is not exported yet. */
  readonly close: () => Promise<void>;
}

/**
 * Makes this process record spans. Sampling, limits and batches are as the environment says, by OpenTelemetry's variables.
 *
 * @param exporter `undefined` for the console
 */
export function startTracing(exporter: SpanExporter | undefined, logger: Logger): Tracing {
  const logProblem = (problem: string): void => {
    logger.warn('traces are not exported', { problem: plainText(problem) });
  };
  logProblemsOfOpenTelemetry(logProblem);
  const resource = new Resource({
    'service.name': 'temporal-polyai',
    'service.instance.id': `${process.pid}@${hostname()}`,
    ...detectResourcesSync({ detectors: [envDetectorSync] }).attributes,
  });
  const spanProcessor = exporter
    ? new BatchSpanProcessor(exporter)
    : new SimpleSpanProcessor(new ConsoleSpanExporter());
  const provider = new NodeTracerProvider({ resource, spanProcessors: [spanProcessor] });
  provider.register();
  return {
    plugin: new OpenTelemetryPlugin({ resource, spanProcessor }),
    close: async () => {
      await withTimeout(FLUSH_TIMEOUT_MS, provider.shutdown()).catch((error: unknown) => {
        logProblem(errorMessage(error));
      });
    },
  };
}

/** OpenTelemetry reports a failed export to its diagnostic logger only, which does nothing by default. */
function logProblemsOfOpenTelemetry(logProblem: (problem: string) => void): void {
  const ignore = (): void => undefined;
  const logger = { error: logProblem, warn: logProblem, info: ignore, debug: ignore, verbose: ignore };
  diag.setLogger(logger, { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true });
}
