import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { loadWorkerConfig, type WorkerConfig } from '../../../src/worker/config.js';
import { ConfigError } from '../../../src/worker/config-error.js';

const TOKEN = 'tok-5f0c9a';
const US = { POLYAI_AUTH_TOKEN: TOKEN, POLYAI_REGION: 'us-1' };

/** Why a worker would not start in this environment; none when it would. */
function problemsOf(env: Readonly<Record<string, string | undefined>>): readonly string[] {
  try {
    loadWorkerConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function tokenOf({ accounts }: WorkerConfig): string | Promise<string> | undefined {
  return accounts[0]?.token({ afterRejection: false });
}

test('a token and a region are enough', () => {
  const config = loadWorkerConfig(US);
  expect(config).toMatchObject({
    accounts: [{ name: undefined, baseUrl: 'https://api.us-1.platform.polyai.app', tokenSource: 'POLYAI_AUTH_TOKEN' }],
    requestTimeoutMs: 10_000,
    callsAtOnce: 1_000,
    maxConcurrentRequests: 128,
    maxRequestsPerSecond: undefined,
    taskQueue: 'polyai-outbound-calls',
    workflowBundlePath: undefined,
    deployment: undefined,
  });
  expect(tokenOf(config)).toBe(TOKEN);
});

test.each(['us-1', 'uk-1', 'euw-1'])('the region %s has its own API', (region) => {
  const { accounts } = loadWorkerConfig({ ...US, POLYAI_REGION: region });
  expect(accounts[0]?.baseUrl).toBe(`https://api.${region}.platform.polyai.app`);
});

test('every variable is taken, without the white space around it', () => {
  const config = loadWorkerConfig({
    POLYAI_AUTH_TOKEN: ` ${TOKEN}\n`,
    POLYAI_BASE_URL: ' http://localhost:8080/ ',
    POLYAI_TASK_QUEUE: ' queue ',
    POLYAI_WORKFLOW_BUNDLE: ` ${import.meta.filename} `,
    POLYAI_REQUEST_TIMEOUT_MS: ' 2500 ',
    POLYAI_CALLS_AT_ONCE: '5000',
    POLYAI_STATUS_UPDATES: ' heartbeat ',
    POLYAI_MAX_REQUESTS_PER_SECOND: ' 50 ',
    TEMPORAL_DEPLOYMENT_NAME: ' polyai ',
    TEMPORAL_WORKER_BUILD_ID: ' v1.2 ',
    SOMETHING_ELSE: 'x',
  });
  expect(config).toMatchObject({
    accounts: [{ baseUrl: 'http://localhost:8080' }],
    taskQueue: 'queue',
    workflowBundlePath: import.meta.filename,
    requestTimeoutMs: 2_500,
    callsAtOnce: 5_000,
    statusUpdates: 'heartbeat',
    maxConcurrentRequests: 500,
    maxRequestsPerSecond: 50,
    deployment: { deploymentName: 'polyai', buildId: 'v1.2' },
  });
  expect(tokenOf(config)).toBe(TOKEN);
});

test('the bundle with traces is used while traces are on, the other one while they are off', () => {
  const env = {
    ...US,
    POLYAI_WORKFLOW_BUNDLE: import.meta.filename,
    POLYAI_TRACED_WORKFLOW_BUNDLE: import.meta.dirname,
  };
  const traced = { ...env, OTEL_TRACES_EXPORTER: 'otlp' };

  expect(loadWorkerConfig(env).workflowBundlePath).toBe(import.meta.filename);
  expect(loadWorkerConfig(traced).workflowBundlePath).toBe(import.meta.dirname);
  expect(loadWorkerConfig({ ...traced, POLYAI_TRACED_WORKFLOW_BUNDLE: '' }).workflowBundlePath).toBe(
    import.meta.filename,
  );
});

test.each(['', '   '])('a variable set to %j is as good as none', (empty) => {
  const optional = ['POLYAI_BASE_URL', 'POLYAI_TASK_QUEUE', 'POLYAI_WORKFLOW_BUNDLE', 'POLYAI_REQUEST_TIMEOUT_MS'];
  const config = loadWorkerConfig({ ...US, ...Object.fromEntries(optional.map((name) => [name, empty])) });
  const comparable = (loaded: WorkerConfig): string => JSON.stringify(loaded);
  expect(comparable(config)).toBe(comparable(loadWorkerConfig(US)));

  const local = { POLYAI_AUTH_TOKEN: TOKEN, POLYAI_REGION: empty, POLYAI_BASE_URL: 'http://localhost:1' };
  expect(loadWorkerConfig(local).accounts[0]?.baseUrl).toBe('http://localhost:1');
  expect(problemsOf({ ...US, POLYAI_AUTH_TOKEN: empty })).toEqual([expect.stringMatching(/^POLYAI_AUTH_TOKEN is not/)]);
  expect(problemsOf({ ...US, POLYAI_REGION: empty })).toEqual([expect.stringContaining('set POLYAI_REGION')]);
});

test.each([
  [{ ...US, POLYAI_AUTH_TOKEN: undefined }, /^POLYAI_AUTH_TOKEN is not set/],
  [{ ...US, POLYAI_REGION: undefined }, /^set POLYAI_REGION to one of us-1, uk-1, euw-1, or POLYAI_BASE_URL/],
  [{ ...US, POLYAI_REGION: 'us-2' }, /^POLYAI_REGION must be one of us-1, uk-1, euw-1/],
  [{ ...US, POLYAI_BASE_URL: 'https://api.example.com' }, /both set/],
  [{ ...US, POLYAI_REGION: '', POLYAI_BASE_URL: 'http://api.example.com' }, /^POLYAI_BASE_URL is not usable: .*https/],
  [{ ...US, POLYAI_REGION: '', POLYAI_BASE_URL: 'api.example.com' }, /^POLYAI_BASE_URL is not usable: .*not a URL/],
  [{ ...US, POLYAI_WORKFLOW_BUNDLE: '/no-such-bundle.js' }, /^POLYAI_WORKFLOW_BUNDLE /],
  [{ ...US, POLYAI_TRACED_WORKFLOW_BUNDLE: '/no-such-bundle.js' }, /^POLYAI_TRACED_WORKFLOW_BUNDLE /],
  [{ ...US, POLYAI_SEARCH_ATTRIBUTES: 'maybe' }, /^POLYAI_SEARCH_ATTRIBUTES must be one of auto, on, off$/],
  [{ ...US, POLYAI_LOG_FORMAT: 'xml' }, /^POLYAI_LOG_FORMAT must be text or json$/],
  [{ ...US, POLYAI_LOG_LEVEL: 'loud' }, /^POLYAI_LOG_LEVEL must be one of TRACE, /],
  [{ ...US, POLYAI_METRICS_ADDRESS: 'localhost' }, /^POLYAI_METRICS_ADDRESS must be an IP address and a port/],
  [
    { ...US, POLYAI_METRICS_ADDRESS: '127.0.0.1:9464', OTEL_METRICS_EXPORTER: 'otlp' },
    /^POLYAI_METRICS_ADDRESS and OTEL_METRICS_EXPORTER are both set; keep one$/,
  ],
  [{ ...US, POLYAI_HEALTH_ADDRESS: '8081' }, /^POLYAI_HEALTH_ADDRESS must be an IP address and a port/],
  [{ ...US, POLYAI_REQUEST_TIMEOUT_MS: '10s' }, /^POLYAI_REQUEST_TIMEOUT_MS must be a whole number/],
  [{ ...US, POLYAI_REQUEST_TIMEOUT_MS: '-1' }, /^POLYAI_REQUEST_TIMEOUT_MS must be/],
  [{ ...US, POLYAI_REQUEST_TIMEOUT_MS: '99' }, /^POLYAI_REQUEST_TIMEOUT_MS must be a whole number from 100 to 15000/],
  [
    { ...US, POLYAI_REQUEST_TIMEOUT_MS: '15001' },
    /^POLYAI_REQUEST_TIMEOUT_MS must be a whole number from 100 to 15000/,
  ],
  [{ ...US, TEMPORAL_DEPLOYMENT_NAME: 'polyai' }, /^TEMPORAL_WORKER_BUILD_ID is not set/],
  [{ ...US, TEMPORAL_WORKER_BUILD_ID: 'v1' }, /^TEMPORAL_DEPLOYMENT_NAME is not set/],
  [
    { ...US, TEMPORAL_DEPLOYMENT_NAME: 'a.b', TEMPORAL_WORKER_BUILD_ID: 'v1' },
    /^TEMPORAL_DEPLOYMENT_NAME must not contain/,
  ],
  [{ ...US, POLYAI_CALLS_AT_ONCE: '0' }, /^POLYAI_CALLS_AT_ONCE must be a whole number from 1 to 20000 \(calls\)/],
  [{ ...US, POLYAI_CALLS_AT_ONCE: 'many' }, /^POLYAI_CALLS_AT_ONCE must be a whole number/],
  [{ ...US, POLYAI_STATUS_UPDATES: 'never' }, /^POLYAI_STATUS_UPDATES must be signal or heartbeat/],
  [{ ...US, POLYAI_MAX_REQUESTS_PER_SECOND: '0.5' }, /^POLYAI_MAX_REQUESTS_PER_SECOND must be a whole number/],
])('%j has one problem, named with its variable', (env, problem) => {
  expect(problemsOf(env)).toEqual([expect.stringMatching(problem)]);
});

test('all problems are listed at once, each on a line of the message', () => {
  const env = { POLYAI_BASE_URL: 'ftp://x', POLYAI_REGION: 'mars', POLYAI_REQUEST_TIMEOUT_MS: 'soon' };
  const problems = problemsOf(env);
  expect(problems).toHaveLength(5);
  for (const name of ['AUTH_TOKEN', 'BASE_URL', 'REGION', 'REQUEST_TIMEOUT_MS']) {
    expect(problems.join('\n')).toContain(`POLYAI_${name}`);
  }
  const message = new ConfigError(problems).message.split('\n');
  expect(message.slice(1)).toEqual(problems.map((problem) => `  - ${problem}`));
});

test('nothing set at all names the token and the endpoint', () => {
  expect(problemsOf({})).toHaveLength(2);
});

test('no message shows the token, not even when it was put into the wrong variable', () => {
  const token = fc.string({ minLength: 8, unit: fc.constantFrom(...'abcdef0123456789') }).map((text) => `tok${text}`);
  const wrong = fc.constantFrom('POLYAI_REGION', 'POLYAI_BASE_URL', 'POLYAI_REQUEST_TIMEOUT_MS');
  fc.assert(
    fc.property(token, wrong, fc.constantFrom('', 'https://user:'), (secret, name, prefix) => {
      const env = { POLYAI_AUTH_TOKEN: secret, [name]: `${prefix}${secret}`, POLYAI_TASK_QUEUE: secret };
      const problems = problemsOf(env);
      expect(problems.length).toBeGreaterThan(0);
      expect(problems.join('\n')).not.toContain(secret);
    }),
  );
});

test('a configuration that is printed does not show the token', () => {
  expect(JSON.stringify(loadWorkerConfig(US))).not.toContain(TOKEN);
});

describe('the accounts', () => {
  let folder: string;
  let tokenPath: string;
  let accountsPath: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'accounts-'));
    tokenPath = join(folder, 'token');
    accountsPath = join(folder, 'accounts.json');
    writeFileSync(tokenPath, `${TOKEN}\n`);
    writeFileSync(accountsPath, JSON.stringify({ acme: { region: 'uk-1', tokenFile: 'token' } }));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('the token can be in a file', () => {
    const { accounts } = loadWorkerConfig({ POLYAI_AUTH_TOKEN_FILE: ` ${tokenPath} `, POLYAI_REGION: 'us-1' });
    expect(accounts).toHaveLength(1);
    expect(accounts[0]).toMatchObject({ name: undefined, tokenSource: 'POLYAI_AUTH_TOKEN_FILE' });
    expect(accounts[0]?.token({ afterRejection: false })).toBe(TOKEN);
  });

  test('accounts in a file need no default account beside them', () => {
    const { accounts } = loadWorkerConfig({ POLYAI_ACCOUNTS_FILE: accountsPath });
    expect(accounts).toMatchObject([{ name: 'acme', baseUrl: 'https://api.uk-1.platform.polyai.app' }]);
  });

  test('the default account comes first, then those of the file', () => {
    const env = { POLYAI_AUTH_TOKEN: TOKEN, POLYAI_REGION: 'us-1', POLYAI_ACCOUNTS_FILE: accountsPath };
    expect(loadWorkerConfig(env).accounts.map(({ name }) => name)).toEqual([undefined, 'acme']);
  });

  test('an incomplete default account is a problem, with accounts beside it too', () => {
    expect(problemsOf({ POLYAI_AUTH_TOKEN: TOKEN, POLYAI_ACCOUNTS_FILE: accountsPath })).toEqual([
      expect.stringContaining('set POLYAI_REGION'),
    ]);
    expect(problemsOf({ POLYAI_REGION: 'us-1', POLYAI_ACCOUNTS_FILE: accountsPath })).toEqual([
      expect.stringContaining('POLYAI_AUTH_TOKEN is not set'),
    ]);
  });

  test('a token and a file for it are one too many', () => {
    const env = { POLYAI_AUTH_TOKEN: TOKEN, POLYAI_AUTH_TOKEN_FILE: tokenPath, POLYAI_REGION: 'us-1' };
    expect(problemsOf(env)).toEqual(['POLYAI_AUTH_TOKEN and POLYAI_AUTH_TOKEN_FILE are both set; keep one']);
  });

  test('a token file that is not there is named by its variable, without its value, which may be a token', () => {
    const problems = problemsOf({ POLYAI_AUTH_TOKEN_FILE: TOKEN, POLYAI_REGION: 'us-1' });
    expect(problems).toEqual([expect.stringMatching(/^POLYAI_AUTH_TOKEN_FILE is not usable: .*\(ENOENT\)/)]);
    expect(problems.join()).not.toContain(TOKEN);
  });

  test('problems of the accounts file are told with those of the environment', () => {
    writeFileSync(accountsPath, JSON.stringify({ acme: { region: 'mars', tokenFile: 'token' } }));
    const problems = problemsOf({ POLYAI_ACCOUNTS_FILE: accountsPath, POLYAI_CALLS_AT_ONCE: 'many' });
    expect(problems).toEqual([
      'POLYAI_ACCOUNTS_FILE, acme.region: must be one of us-1, uk-1, euw-1',
      expect.stringMatching(/^POLYAI_CALLS_AT_ONCE/),
    ]);
  });
});
