import { accessSync, constants } from 'node:fs';
import { z } from 'zod';

import { DEFAULT_CALLS_AT_ONCE } from './activities/holding-worker-options.js';
import { ConfigError } from './config-error.js';
import { DEFAULT_TASK_QUEUE, MAX_REQUEST_TIMEOUT_MS } from './contract/index.js';
import { parseBaseUrl, REGION_BASE_URLS, type PolyAiRegion } from './polyai/index.js';

/** The worker's own configuration. Temporal's is read by `@temporalio/envconfig`. */
export interface WorkerConfig {
  readonly baseUrl: string;
  /** Reads the token; called for each request. */
  readonly token: () => string;
  readonly requestTimeoutMs: number;
  /** How many calls the worker holds at once. */
  readonly callsAtOnce: number;
  /** For all requests of the worker together; none means no limit. */
  readonly maxRequestsPerSecond: number | undefined;
  readonly maxConcurrentRequests: number;
  readonly taskQueue: string;
  /** A workflow bundle made by `temporal-polyai bundle`; without it the worker bundles at its start. */
  readonly workflowBundlePath: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const REGIONS = Object.keys(REGION_BASE_URLS) as [PolyAiRegion, ...PolyAiRegion[]];

/** An unset variable and an empty one are the same. */
const variable = z
  .string()
  .trim()
  .transform((value) => value || undefined)
  .optional();

const environment = z.object({
  POLYAI_AUTH_TOKEN: variable.pipe(z.string('is not set; PolyAI gives you the token')),
  POLYAI_REGION: variable.pipe(z.enum(REGIONS, `must be one of ${REGIONS.join(', ')}`).optional()),
  POLYAI_BASE_URL: variable.pipe(z.string().transform(checkBaseUrl).optional()),
  POLYAI_TASK_QUEUE: variable,
  POLYAI_WORKFLOW_BUNDLE: variable.refine((path) => path === undefined || isReadable(path), 'names no file to read'),
  POLYAI_REQUEST_TIMEOUT_MS: wholeNumber({ min: 100, max: MAX_REQUEST_TIMEOUT_MS, unit: 'milliseconds' }),
  POLYAI_CALLS_AT_ONCE: wholeNumber({ min: 1, max: 20_000, unit: 'calls' }),
  POLYAI_MAX_REQUESTS_PER_SECOND: wholeNumber({ min: 1, max: 100_000, unit: 'requests' }),
});

/**
 * Reads the worker's configuration from the environment.
 *
 * @throws {ConfigError} with every problem at once; none of them shows the token
 */
export function loadWorkerConfig(env: Environment = process.env): WorkerConfig {
  const parsed = environment.safeParse(env);
  const problems = [...problemsOfEndpoint(env), ...(parsed.error?.issues ?? []).map(describeIssue)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  const { data } = parsed;
  const callsAtOnce = data.POLYAI_CALLS_AT_ONCE ?? DEFAULT_CALLS_AT_ONCE;
  return {
    baseUrl: data.POLYAI_BASE_URL ?? REGION_BASE_URLS[data.POLYAI_REGION!],
    token: () => data.POLYAI_AUTH_TOKEN,
    requestTimeoutMs: data.POLYAI_REQUEST_TIMEOUT_MS ?? 10_000,
    callsAtOnce,
    maxRequestsPerSecond: data.POLYAI_MAX_REQUESTS_PER_SECOND,
    maxConcurrentRequests: concurrentRequestsFor(callsAtOnce),
    taskQueue: data.POLYAI_TASK_QUEUE ?? DEFAULT_TASK_QUEUE,
    workflowBundlePath: data.POLYAI_WORKFLOW_BUNDLE,
  };
}

function problemsOfEndpoint(env: Environment): string[] {
  const region = env['POLYAI_REGION']?.trim();
  const baseUrl = env['POLYAI_BASE_URL']?.trim();
  if (region && baseUrl) return ['POLYAI_REGION and POLYAI_BASE_URL are both set; keep one'];
  if (region || baseUrl) return [];
  return [`set POLYAI_REGION to one of ${REGIONS.join(', ')}, or POLYAI_BASE_URL`];
}

function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return [...path.map(String), message].join(' ');
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}

function checkBaseUrl(value: string, context: z.RefinementCtx): string {
  try {
    return parseBaseUrl(value);
  } catch (error) {
    context.addIssue(`is not usable: ${(error as TypeError).message}`);
    return z.NEVER;
  }
}

function wholeNumber({ min, max, unit }: { min: number; max: number; unit: string }) {
  const message = `must be a whole number from ${min} to ${max} (${unit})`;
  const within = z.number().min(min, message).max(max, message);
  return variable.pipe(z.string().regex(/^\d+$/, message).transform(Number).pipe(within).optional());
}

/** Enough for each call to be polled every 3 s by an API that takes 0.3 s to answer. */
function concurrentRequestsFor(callsAtOnce: number): number {
  return Math.max(128, Math.ceil(callsAtOnce / 10));
}

/** The environment for a child process: this process's without the variables that `dropped` matches, and `own`. */
export function childEnvironment(own: Environment, dropped: RegExp): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !dropped.test(name));
  return { ...Object.fromEntries(inherited), ...own };
}

/** The task queue for a process that is no worker. */
export function loadTaskQueue({ POLYAI_TASK_QUEUE: taskQueue }: Environment = process.env): string {
  return taskQueue?.trim() || DEFAULT_TASK_QUEUE;
}

/** Whether the environment names the real API together with a token. */
export function hasPolyAiAccess(env: Environment = process.env): boolean {
  return Boolean(env['POLYAI_AUTH_TOKEN'] && (env['POLYAI_REGION'] || env['POLYAI_BASE_URL']));
}
