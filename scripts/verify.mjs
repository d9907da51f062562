/**
 * Everything CI runs; every step runs, whatever failed before it.
 *
 *   npm run verify                       all steps
 *   npm run verify -- --skip test        all but some
 *   npm run verify -- --only lint,types  only some
 *   npm run verify -- --first test       another order
 *
 * It ends with the failures, the duration of each step, what could not be run on this machine, and a line that counts each test,
 * and each other step as one.
 */
import { parseArgs } from 'node:util';
import { runInGroup } from './run-in-group.mjs';
import { runTests } from './run-tests.mjs';

const TIMEOUT_MINUTES = 10;
/** Most checks keep one core busy; the demo mostly waits. */
const CHECKS_AT_ONCE = 2;

/** Steps that run `alone` have the machine to themselves, and show their output as they go. */
const STEPS = [
  { name: 'build', about: 'dist/ builds', alone: true },
  { name: 'demo', about: 'the demo runs to its end' },
  { name: 'lint', about: 'ESLint, import walls included, and oxlint: no circles of imports' },
  { name: 'types', about: 'TypeScript accepts sources, tests, examples and the benchmark' },
  { name: 'format:check', about: 'Prettier finds nothing to change' },
  { name: 'check:exports', about: 'the packed tarball resolves, types included, from ESM and CommonJS' },
  { name: 'check:api', about: 'the public API is as reported in etc/api, with every type that it mentions' },
  { name: 'check:schemas', about: 'the JSON Schemas that ship are those of the types' },
  { name: 'check:unused', about: 'no file, export or dependency that nobody uses' },
  { name: 'check:docs', about: 'links resolve and code blocks compile' },
  { name: 'check:kubernetes', about: 'kubectl renders the manifests, and the schemas of Kubernetes accept them' },
  { name: 'docs:api', about: 'TypeDoc documents every public name, and its links resolve' },
  { name: 'test', about: 'vitest', alone: true, run: () => runTests() },
  { name: 'test:slow', about: 'what takes minutes', alone: true, run: () => runTests('test:slow') },
  {
    name: 'test:examples',
    about: 'the examples do what they say',
    alone: true,
    run: () => runTests('test:examples'),
  },
  {
    name: 'test:package',
    about: 'consumers install the packed tarball',
    alone: true,
    run: () => runTests('test:package'),
  },
  {
    name: 'test:languages',
    about: 'Python and Go, and TypeScript beside them',
    alone: true,
    run: () => runTests('test:languages'),
  },
  {
    name: 'test:web-ui',
    about: 'the pages of the Temporal Web UI, in Chromium',
    alone: true,
    run: () => runTests('test:web-ui'),
  },
  {
    name: 'test:oldest',
    about: 'what users load, on the oldest Node that is promised',
    args: ['--', ...['unit', 'properties', 'package', 'replay'].flatMap((name) => ['--project', name])],
    alone: true,
    platform: 'linux x64',
  },
];

const total = { passed: 0, failed: 0, skipped: 0 };
const failures = [];
const notRun = [];
const durations = [];
const waiting = chosenSteps();
while (waiting.length > 0) {
  if (waiting[0].alone) {
    await runStep(waiting.shift());
    continue;
  }
  await Promise.all(
    Array.from({ length: CHECKS_AT_ONCE }, async () => {
      while (waiting.length > 0 && !waiting[0].alone) await runStep(waiting.shift());
    }),
  );
}

for (const failure of failures) console.log(`\n✘ ${failure}`);
console.log(`\n${durations.join('\n')}\n`);
for (const reason of notRun) console.log(reason);
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed > 0 ? 1 : 0;

function chosenSteps() {
  const option = { type: 'string', default: '' };
  const { values } = parseArgs({ options: { skip: option, only: option, first: option } });
  const [skip, only, first] = [values.skip, values.only, values.first].map((list) => list.split(',').filter(Boolean));
  const unknown = [...skip, ...only, ...first].filter((name) => !STEPS.some((step) => step.name === name));
  if (unknown.length > 0) throw new Error(`no such step: ${unknown.join(', ')}`);
  const chosen = STEPS.filter(({ name }) => !skip.includes(name) && (only.length === 0 || only.includes(name)));
  return chosen.sort((a, b) => first.includes(b.name) - first.includes(a.name));
}

async function runStep(step) {
  const title = `\n━━ ${step.name}: ${step.about}`;
  if (step.alone) console.log(title);
  const startedAt = Date.now();
  const { output = '', ...result } = await (runsHere(step) ? (step.run ?? runScript) : skipStep)(step);
  if (!step.alone) console.log(`${title}\n${output}`);
  const seconds = ((Date.now() - startedAt) / 1_000).toFixed(1);
  for (const key of Object.keys(total)) total[key] += result[key];
  failures.push(...result.failures);
  notRun.push(...result.notRun);
  durations.push(`${result.failed === 0 ? '✔' : '✘'} ${step.name.padEnd(16)} ${seconds} s`);
}

function runsHere({ platform }) {
  return platform === undefined || platform === `${process.platform} ${process.arch}`;
}

function skipStep({ name, platform }) {
  return { passed: 0, failed: 0, skipped: 1, failures: [], notRun: [`${name} runs on ${platform} only`] };
}

async function runScript({ name, args = [], alone = false }) {
  const output = alone ? 'inherit' : 'pipe';
  const chunks = [];
  const failure = await runInGroup(['run', '--silent', name, ...args], {
    timeoutMinutes: TIMEOUT_MINUTES,
    stdio: ['ignore', output, output],
    onStart({ stdout, stderr }) {
      for (const stream of [stdout, stderr]) stream?.setEncoding('utf8').on('data', (chunk) => chunks.push(chunk));
    },
  });
  return {
    passed: Number(failure === undefined),
    failed: Number(failure !== undefined),
    skipped: 0,
    failures: failure === undefined ? [] : [failure],
    notRun: [],
    output: chunks.join('').trimEnd(),
  };
}
