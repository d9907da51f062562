import type { Context } from '@temporalio/activity';
import type { MetricCounter, MetricGauge, MetricHistogram } from '@temporalio/common';

import type { PolyAiError, PolyAiErrorKind } from '../polyai/errors.js';

type Meter = Context['metricMeter'];

interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly labels: readonly string[];
  readonly description: string;
}

/** The metrics of a worker, by the name that the SDK's meter is given. Prometheus shows another for counters and histograms. */
export const METRICS = {
  polyai_status_requests: {
    kind: 'counter',
    unit: 'requests',
    labels: ['account', 'answer'],
    description: 'Status requests that have ended, by class of answer',
  },
  polyai_status_request_latency: {
    kind: 'histogram',
    unit: 'seconds',
    labels: ['account'],
    description: 'Time from sending a status request to its end, without the wait for the request limiter',
  },
  polyai_live_calls: {
    kind: 'gauge',
    unit: 'calls',
    labels: ['account', 'status'],
    description: 'Calls that this worker polls, by the last observed status',
  },
  polyai_unobserved_call_age_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: ['account'],
    description: 'Time since the start of the oldest monitor whose call has never been observed; 0 without one',
  },
  polyai_outcome_safe_seconds: {
    kind: 'gauge',
    unit: 'seconds',
    labels: ['account'],
    description: 'Time until an outage may cost the outcome of the first live call; 7200 without live calls',
  },
  polyai_calls_at_risk: {
    kind: 'gauge',
    unit: 'calls',
    labels: ['account'],
    description: 'Live calls that have not been observed for half an hour',
  },
  polyai_outcomes: {
    kind: 'counter',
    unit: 'calls',
    labels: ['account', 'status'],
    description:
      'Terminal statuses observed, and outcomes saved without one (none); more than once if a result is lost',
  },
  polyai_outcome_saves: {
    kind: 'counter',
    unit: 'outcomes',
    labels: ['account', 'result'],
    description: 'Attempts to save an outcome',
  },
  polyai_throttled: {
    kind: 'gauge',
    unit: '',
    labels: ['account'],
    description: '1 while requests are throttled',
  },
  polyai_throttled_requests_per_second: {
    kind: 'gauge',
    unit: 'requests per second',
    labels: ['account'],
    description: 'Current limit while requests are throttled; 0 otherwise',
  },
  polyai_token_rejected: {
    kind: 'gauge',
    unit: '',
    labels: ['account'],
    description: '1 while the API rejects the token of the account',
  },
} as const satisfies Record<string, MetricDefinition>;

type MetricName = keyof typeof METRICS;
type NameOf<Kind extends MetricDefinition['kind']> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];

export function counter(meter: Meter, name: NameOf<'counter'>): MetricCounter {
  const { unit, description } = METRICS[name];
  return meter.createCounter(name, unit, description);
}

export function gauge(meter: Meter, name: NameOf<'gauge'>): MetricGauge {
  const { unit, description } = METRICS[name];
  return meter.createGauge(name, 'float', unit, description);
}

export function histogram(meter: Meter, name: NameOf<'histogram'>): MetricHistogram {
  const { unit, description } = METRICS[name];
  return meter.createHistogram(name, 'float', unit, description);
}

/** The label of an account. */
export function accountLabel(account: string | undefined): string {
  return account ?? 'default';
}

const ANSWERS: Record<PolyAiErrorKind, string> = {
  CallNotFound: 'not-found',
  InvalidCallSid: 'rejected',
  InvalidResponse: 'invalid-response',
  PolyAiUnavailable: 'unavailable',
  RateLimited: 'rate-limited',
  RequestRejected: 'rejected',
  Unauthorized: 'unauthorized',
};

/** The class of the answer to a request, from its error. */
export function answerOf(error: PolyAiError | undefined): string {
  return error ? ANSWERS[error.kind] : 'ok';
}
