import { inspect } from 'node:util';
import { DefaultLogger, type LogEntry, type RuntimeOptions } from '@temporalio/worker';

import type { METRICS } from '../activities/metrics.js';
import type { TelemetryConfig } from './telemetry-config.js';

/** Options of the SDK's `Runtime`, whose logger and metrics this package uses for its own. */
export function runtimeOptions(config: TelemetryConfig): RuntimeOptions {
  const { logFormat, logLevel } = config;
  const metrics = metricsOptions(config);
  return {
    logger: logFormat === 'json' ? new DefaultLogger(logLevel, writeJson) : new DefaultLogger(logLevel),
    telemetryOptions: {
      // Without it the SDK's native core writes its own log lines, which are not JSON.
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metrics && { metrics }),
    },
  };
}

type MetricsOptions = NonNullable<RuntimeOptions['telemetryOptions']>['metrics'];

/**
 * In seconds. Those of the SDK have none between 0.1 and 0.5, where answers are, nor above 10, where timeouts are
 * (`POLYAI_REQUEST_TIMEOUT_MS`, 15 s at most).
 */
const LATENCY_BUCKETS = [0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2.5, 5, 7.5, 10, 12.5, 15];

const LATENCY = 'polyai_status_request_latency' satisfies keyof typeof METRICS;

const DURATIONS = {
  useSecondsForDurations: true,
  histogramBucketOverrides: { [LATENCY]: LATENCY_BUCKETS },
};

/** The alert rules and the dashboard take these names and units. */
function metricsOptions({ metricsAddress, otlpMetrics }: TelemetryConfig): MetricsOptions {
  if (otlpMetrics) {
    const { url, protocol, headers, intervalMs, temporality } = otlpMetrics;
    return {
      otel: {
        url,
        http: protocol !== 'grpc',
        headers: { ...headers },
        metricsExportInterval: intervalMs,
        temporality,
        ...DURATIONS,
      },
    };
  }
  if (metricsAddress === undefined) return undefined;
  return {
    prometheus: {
      bindAddress: metricsAddress,
      countersTotalSuffix: true,
      unitSuffix: true,
      ...DURATIONS,
    },
  };
}

function writeJson(entry: LogEntry): void {
  process.stderr.write(`${jsonLine(entry)}\n`);
}

/** One line of JSON; what JSON cannot say, such as an error with its stack, as text. */
export function jsonLine({ level, message, timestampNanos, meta = {} }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const plain = (_: string, value: unknown): unknown => {
    if (value instanceof Error) return inspect(value);
    return typeof value === 'bigint' ? value.toString() : value;
  };
  try {
    return JSON.stringify({ ...meta, time, level, message }, plain);
  } catch {
    return JSON.stringify({ time, level, message, meta: inspect(meta) });
  }
}
