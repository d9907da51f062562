import { z } from 'zod';

import type { Environment } from './environment.js';
import { describeIssue, oneOf, variable, wholeNumberIn } from './variables.js';

export const OTLP_PROTOCOLS = ['http/protobuf', 'grpc'] as const;
export type OtlpProtocol = (typeof OTLP_PROTOCOLS)[number];

/** Where spans go. The exporters read endpoint, headers, sampling and limits from the environment themselves. */
export type TracesConfig =
  { readonly exporter: 'console' } | { readonly exporter: 'otlp'; readonly protocol: OtlpProtocol };

/** Where the SDK sends metrics. */
export interface OtlpMetricsConfig {
  readonly url: string;
  readonly protocol: OtlpProtocol;
  readonly headers: Readonly<Record<string, string>>;
  readonly intervalMs: number;
  readonly temporality: 'cumulative' | 'delta';
}

export interface OtelConfig {
  /** `undefined` without traces. */
  readonly traces: TracesConfig | undefined;
  /** `undefined` without metrics by OTLP. */
  readonly otlpMetrics: OtlpMetricsConfig | undefined;
  readonly problems: readonly string[];
}

const switches = z.object({
  OTEL_SDK_DISABLED: oneOf(['true', 'false']),
  OTEL_TRACES_EXPORTER: oneOf(['otlp', 'console', 'none']),
  OTEL_METRICS_EXPORTER: oneOf(['otlp', 'none']),
});

const endpoint = variable.pipe(z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).optional());

const otlp = z.object({
  OTEL_EXPORTER_OTLP_PROTOCOL: oneOf(OTLP_PROTOCOLS),
  OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: oneOf(OTLP_PROTOCOLS),
  OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: oneOf(OTLP_PROTOCOLS),
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_HEADERS: variable,
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: variable,
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumberIn({ min: 100, max: 3_600_000, unit: 'milliseconds' }),
  OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: oneOf(['cumulative', 'delta', 'lowmemory']),
});

/**
 * Reads the standard variables of OpenTelemetry that switch traces, and metrics by OTLP, on. An endpoint alone switches nothing
 * on: it may be set for all containers of a cluster.
 *
 * Source: the "OpenTelemetry Environment Variable Specification" and "OpenTelemetry Protocol Exporter".
 */
export function loadOtelConfig(env: Environment): OtelConfig {
  const off = { traces: undefined, otlpMetrics: undefined };
  const switched = switches.safeParse(env);
  if (!switched.success) return { ...off, problems: switched.error.issues.map(describeIssue) };
  const { OTEL_SDK_DISABLED: isDisabled, OTEL_TRACES_EXPORTER: traces, OTEL_METRICS_EXPORTER: metrics } = switched.data;
  if (isDisabled === 'true') return { ...off, problems: [] };
  const console = traces === 'console' ? ({ exporter: 'console' } as const) : undefined;
  if (traces !== 'otlp' && metrics !== 'otlp') return { ...off, traces: console, problems: [] };
  const parsed = otlp.safeParse(env);
  if (!parsed.success) return { ...off, problems: parsed.error.issues.map(describeIssue) };
  const { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: ofTraces, OTEL_EXPORTER_OTLP_PROTOCOL: ofAll } = parsed.data;
  const protocol = ofTraces ?? ofAll ?? 'http/protobuf';
  return {
    traces: traces === 'otlp' ? { exporter: 'otlp', protocol } : console,
    otlpMetrics: metrics === 'otlp' ? metricsConfig(parsed.data) : undefined,
    problems: [],
  };
}

function metricsConfig(data: z.infer<typeof otlp>): OtlpMetricsConfig {
  const protocol = data.OTEL_EXPORTER_OTLP_METRICS_PROTOCOL ?? data.OTEL_EXPORTER_OTLP_PROTOCOL ?? 'http/protobuf';
  return {
    url: data.OTEL_EXPORTER_OTLP_METRICS_ENDPOINT ?? metricsEndpoint(protocol, data.OTEL_EXPORTER_OTLP_ENDPOINT),
    protocol,
    headers: parseHeaders(data.OTEL_EXPORTER_OTLP_METRICS_HEADERS ?? data.OTEL_EXPORTER_OTLP_HEADERS ?? ''),
    intervalMs: data.OTEL_METRIC_EXPORT_INTERVAL ?? 60_000,
    temporality: data.OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE === 'delta' ? 'delta' : 'cumulative',
  };
}

/** Unlike the endpoint of metrics alone, that of all signals is the base of a path. */
function metricsEndpoint(protocol: OtlpProtocol, base: string | undefined): string {
  if (protocol === 'grpc') return base ?? 'http://localhost:4317';
  return `${(base ?? 'http://localhost:4318').replace(/\/$/, '')}/v1/metrics`;
}

/** `name=value,name=value`, percent-encoded as in W3C Baggage. */
function parseHeaders(text: string): Record<string, string> {
  const pairs = text.split(',').map((pair) => /^\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(pair));
  return Object.fromEntries(pairs.flatMap((pair) => (pair ? [[decode(pair[1]!), decode(pair[2]!)] as const] : [])));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
