import { accessSync, constants } from 'node:fs';
import type { WorkerDeploymentVersion } from '@temporalio/common';
import { z } from 'zod';

import { STATUS_UPDATES, type StatusUpdates } from '../activities/status-updates.js';
import { DEFAULT_CALLS_AT_ONCE } from '../activities/worker-options.js';
import { MAX_REQUEST_TIMEOUT_MS } from '../contract/pacing.js';
import { DEFAULT_TASK_QUEUE } from '../contract/names.js';
import { DEFAULT_OUTCOMES_URL, parseOutcomesUrl } from '../outcomes/url.js';
import { DEFAULT_MAX_CONCURRENT_REQUESTS, DEFAULT_REQUEST_TIMEOUT_MS } from '../polyai/options.js';
import { REGION_BASE_URLS } from '../polyai/regions.js';
import { tokenFile } from '../polyai/token-file.js';
import { type AccountConfig, baseUrlSchema, loadAccounts, REGION_LIST, regionSchema } from './accounts.js';
import { ConfigError } from './config-error.js';
import type { Environment } from './environment.js';
import { SEARCH_ATTRIBUTE_MODES, type SearchAttributeMode } from './search-attribute-mode.js';
import { loadOtelConfig } from './otel-config.js';
import { LOG_FORMATS, LOG_LEVELS, type TelemetryConfig } from './telemetry-config.js';
import { describeIssue, listeningAddress, oneOf, variable, wholeNumberIn } from './variables.js';

/** The worker's own configuration. Temporal's is read by `@temporalio/envconfig`. */
export interface WorkerConfig {
  /** The default account, if there is one, then the named accounts. At least one. */
  readonly accounts: readonly AccountConfig[];
  readonly requestTimeoutMs: number;
  /** How many long polls the worker runs at once. */
  readonly callsAtOnce: number;
  readonly statusUpdates: StatusUpdates;
  /** For all requests of an account together; `undefined` means no limit. */
  readonly maxRequestsPerSecond: number | undefined;
  readonly maxConcurrentRequests: number;
  readonly taskQueue: string;
  /** The outcome store; see `parseOutcomesUrl`. */
  readonly outcomesUrl: string;
  /** Whether monitors write search attributes. */
  readonly searchAttributes: SearchAttributeMode;
  readonly telemetry: TelemetryConfig;
  /** Where health and readiness are served, as `host:port`; `undefined` for nowhere. */
  readonly healthAddress: string | undefined;
  /** A workflow bundle from `temporal-polyai bundle`; without one the worker bundles when it starts. */
  readonly workflowBundlePath: string | undefined;
  /** The version of the worker deployment; `undefined` without worker versioning. */
  readonly deployment: WorkerDeploymentVersion | undefined;
}

const readableFile = variable.refine((path) => path === undefined || isReadable(path), 'does not name a readable file');

const environment = z.object({
  // As Temporal's worker controller for Kubernetes sets them.
  TEMPORAL_DEPLOYMENT_NAME: variable.refine((name) => !name?.includes('.'), 'must not contain a "."'),
  TEMPORAL_WORKER_BUILD_ID: variable,
  POLYAI_AUTH_TOKEN: variable,
  POLYAI_AUTH_TOKEN_FILE: variable.pipe(z.string().transform(openTokenFile).optional()),
  POLYAI_REGION: variable.pipe(regionSchema.optional()),
  POLYAI_BASE_URL: variable.pipe(baseUrlSchema.optional()),
  POLYAI_ACCOUNTS_FILE: variable,
  POLYAI_TASK_QUEUE: variable,
  POLYAI_OUTCOMES_URL: variable.pipe(z.string().transform(checkOutcomesUrl).optional()),
  POLYAI_SEARCH_ATTRIBUTES: oneOf(SEARCH_ATTRIBUTE_MODES),
  POLYAI_LOG_FORMAT: oneOf(LOG_FORMATS),
  POLYAI_LOG_LEVEL: variable.pipe(
    z
      .string()
      .toUpperCase()
      .pipe(z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`))
      .optional(),
  ),
  POLYAI_METRICS_ADDRESS: listeningAddress('0.0.0.0:9464'),
  POLYAI_HEALTH_ADDRESS: listeningAddress('0.0.0.0:8081'),
  POLYAI_WORKFLOW_BUNDLE: readableFile,
  POLYAI_TRACED_WORKFLOW_BUNDLE: readableFile,
  POLYAI_REQUEST_TIMEOUT_MS: wholeNumberIn({ min: 100, max: MAX_REQUEST_TIMEOUT_MS, unit: 'milliseconds' }),
  POLYAI_CALLS_AT_ONCE: wholeNumberIn({ min: 1, max: 20_000, unit: 'calls' }),
  POLYAI_STATUS_UPDATES: oneOf(STATUS_UPDATES),
  POLYAI_MAX_REQUESTS_PER_SECOND: wholeNumberIn({ min: 1, max: 100_000, unit: 'requests' }),
});

/**
 * Reads the worker's configuration from the environment.
 *
 * @throws {ConfigError} with every problem; none of them shows the token
 */
export function loadWorkerConfig(env: Environment = process.env): WorkerConfig {
  const parsed = environment.safeParse(env);
  const named = accountsOfFile(env);
  const { traces, otlpMetrics, problems: problemsOfOtel } = loadOtelConfig(env);
  const problems = [
    ...problemsOfAccess(env),
    ...problemsOfDeployment(env),
    ...named.problems,
    ...problemsOfOtel,
    ...problemsOfMetrics(env, otlpMetrics !== undefined),
    ...(parsed.error?.issues ?? []).map(describeIssue),
  ];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const { data } = parsed;
  const callsAtOnce = data.POLYAI_CALLS_AT_ONCE ?? DEFAULT_CALLS_AT_ONCE;
  return {
    accounts: [...defaultAccount(data), ...named.accounts],
    requestTimeoutMs: data.POLYAI_REQUEST_TIMEOUT_MS ?? DEFAULT_REQUEST_TIMEOUT_MS,
    callsAtOnce,
    statusUpdates: data.POLYAI_STATUS_UPDATES ?? 'signal',
    maxRequestsPerSecond: data.POLYAI_MAX_REQUESTS_PER_SECOND,
    maxConcurrentRequests: concurrentRequestsFor(callsAtOnce),
    taskQueue: data.POLYAI_TASK_QUEUE ?? DEFAULT_TASK_QUEUE,
    outcomesUrl: data.POLYAI_OUTCOMES_URL ?? DEFAULT_OUTCOMES_URL,
    searchAttributes: data.POLYAI_SEARCH_ATTRIBUTES ?? 'auto',
    telemetry: {
      logFormat: data.POLYAI_LOG_FORMAT ?? 'text',
      logLevel: data.POLYAI_LOG_LEVEL ?? 'INFO',
      metricsAddress: data.POLYAI_METRICS_ADDRESS,
      otlpMetrics,
      traces,
    },
    healthAddress: data.POLYAI_HEALTH_ADDRESS,
    workflowBundlePath: (traces && data.POLYAI_TRACED_WORKFLOW_BUNDLE) ?? data.POLYAI_WORKFLOW_BUNDLE,
    deployment: deploymentOf(data),
  };
}

function deploymentOf(data: z.infer<typeof environment>): WorkerDeploymentVersion | undefined {
  const { TEMPORAL_DEPLOYMENT_NAME: deploymentName, TEMPORAL_WORKER_BUILD_ID: buildId } = data;
  return deploymentName && buildId ? { deploymentName, buildId } : undefined;
}

/** One without the other would run a worker that Temporal does not version. */
function problemsOfDeployment(env: Environment): string[] {
  const names = ['TEMPORAL_DEPLOYMENT_NAME', 'TEMPORAL_WORKER_BUILD_ID'];
  const missing = names.filter((name) => !env[name]?.trim());
  return missing.length === 1 ? [`${missing[0]} is not set; worker versioning needs ${names.join(' and ')}`] : [];
}

/** The SDK either serves metrics or sends them. */
function problemsOfMetrics({ POLYAI_METRICS_ADDRESS: address }: Environment, isSent: boolean): string[] {
  return address?.trim() && isSent ? ['POLYAI_METRICS_ADDRESS and OTEL_METRICS_EXPORTER are both set; keep one'] : [];
}

/** Missing and conflicting variables of the default account, which is optional with an accounts file. */
function problemsOfAccess(env: Environment): string[] {
  const isSet = (name: string): boolean => Boolean(env[name]?.trim());
  const [token, file] = [isSet('POLYAI_AUTH_TOKEN'), isSet('POLYAI_AUTH_TOKEN_FILE')];
  const [region, baseUrl] = [isSet('POLYAI_REGION'), isSet('POLYAI_BASE_URL')];
  if (isSet('POLYAI_ACCOUNTS_FILE') && !token && !file && !region && !baseUrl) return [];
  return [
    ...(token && file ? ['POLYAI_AUTH_TOKEN and POLYAI_AUTH_TOKEN_FILE are both set; keep one'] : []),
    ...(token || file
      ? []
      : ['POLYAI_AUTH_TOKEN is not set; PolyAI gives you the token (or name a file in POLYAI_AUTH_TOKEN_FILE)']),
    ...(region && baseUrl ? ['POLYAI_REGION and POLYAI_BASE_URL are both set; keep one'] : []),
    ...(region || baseUrl ? [] : [`set POLYAI_REGION to one of ${REGION_LIST}, or POLYAI_BASE_URL`]),
  ];
}

function defaultAccount(data: z.infer<typeof environment>): AccountConfig[] {
  const { POLYAI_AUTH_TOKEN: constant, POLYAI_AUTH_TOKEN_FILE: file, POLYAI_REGION: region } = data;
  const baseUrl = data.POLYAI_BASE_URL ?? (region && REGION_BASE_URLS[region]);
  const token = file ?? (constant === undefined ? undefined : () => constant);
  if (!baseUrl || !token) return [];
  return [{ name: undefined, baseUrl, token, tokenSource: file ? 'POLYAI_AUTH_TOKEN_FILE' : 'POLYAI_AUTH_TOKEN' }];
}

function accountsOfFile(env: Environment): ReturnType<typeof loadAccounts> {
  const path = env['POLYAI_ACCOUNTS_FILE']?.trim();
  if (!path) return { accounts: [], problems: [] };
  const { accounts, problems } = loadAccounts(path, env);
  return { accounts, problems: problems.map((problem) => `POLYAI_ACCOUNTS_FILE, ${problem}`) };
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function checkOutcomesUrl(url: string, context: z.RefinementCtx): string {
  try {
    parseOutcomesUrl(url);
  } catch (error) {
    context.addIssue(`is ${(error as TypeError).message}`);
  }
  return url;
}

function openTokenFile(path: string, context: z.RefinementCtx) {
  try {
    return tokenFile(path);
  } catch (error) {
    context.addIssue(`is not usable: ${(error as TypeError).message}`);
    return z.NEVER;
  }
}

/** Enough to poll each call every 3 s if the API takes 0.3 s per response. */
function concurrentRequestsFor(callsAtOnce: number): number {
  return Math.max(DEFAULT_MAX_CONCURRENT_REQUESTS, Math.ceil(callsAtOnce / 10));
}
