import type { LogLevel } from '@temporalio/worker';

import type { OtlpMetricsConfig, TracesConfig } from './otel-config.js';

export const LOG_FORMATS = ['text', 'json'] as const;
export const LOG_LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR'] as const satisfies readonly LogLevel[];

/** What the worker's process tells about itself. */
export interface TelemetryConfig {
  readonly logFormat: (typeof LOG_FORMATS)[number];
  readonly logLevel: LogLevel;
  /** Where the SDK serves metrics for Prometheus, as `host:port`; `undefined` for nowhere. */
  readonly metricsAddress: string | undefined;
  /** Where the SDK sends metrics, instead of serving them; `undefined` for nowhere. */
  readonly otlpMetrics: OtlpMetricsConfig | undefined;
  readonly traces: TracesConfig | undefined;
}
