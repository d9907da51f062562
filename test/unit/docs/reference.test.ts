import type { Command, Option } from 'commander';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

import * as activities from '../../../src/activities.js';
import { createProgram } from '../../../src/cli/program.js';
import { EXIT_CODES } from '../../../src/cli/terminal.js';
import * as client from '../../../src/client.js';
import { parseDurationMs } from '../../../src/contract/duration.js';
import { ATTEMPT_STATES, CONTACT_STATES } from '../../../src/contract/campaign.js';
import { DISPOSITIONS } from '../../../src/contract/disposition.js';
import { FAILURE_TYPES } from '../../../src/contract/failures.js';
import type { MonitorOutboundCallResult, MonitorPhase, MonitorProgress } from '../../../src/contract/monitor.js';
import type { MonitorAlarm } from '../../../src/contract/retention.js';
import * as root from '../../../src/index.js';
import * as nexus from '../../../src/nexus.js';
import * as nexusHandler from '../../../src/nexus-handler.js';
import * as campaigns from '../../../src/campaigns.js';
import * as outcomes from '../../../src/outcomes.js';
import { OUTCOME_COLUMNS } from '../../../src/outcomes/rows.js';
import * as plugin from '../../../src/plugin.js';
import * as simulator from '../../../src/simulator.js';
import * as testing from '../../../src/testing.js';
import * as workflows from '../../../src/workflows.js';
import { DURATION_RULES } from '../../../src/workflows/monitor-input.js';
import { lastCellOf, namesIn, tablesOf } from './documented.js';

const ROOT = new URL('../../../', import.meta.url);

test('the reference lists every failure type, and whether Temporal retries it', () => {
  const documented = tablesOf('failures.md').get('Failure types')?.slice(1);
  const expected = Object.entries(FAILURE_TYPES).map(([type, { retryable }]) => [
    `\`${type}\``,
    retryable ? 'yes' : 'no',
  ]);

  expect(documented?.map((row) => [row.at(0), row.at(-1)]).sort()).toEqual(expected.sort());
});

test('the reference lists every environment variable that the source names', () => {
  const files = readdirSync(new URL('src/', ROOT), { recursive: true, encoding: 'utf8' });
  const sources = files.filter((file) => file.endsWith('.ts')).map((file) => read(`src/${file}`));
  const variables = new Set(sources.flatMap((source) => source.match(/\bPOLYAI_[A-Z_]*[A-Z]/g) ?? []));

  expect(namesIn('configuration.md', 'Environment of the worker').filter((name) => name !== 'TEMPORAL_*')).toEqual(
    [...variables].sort(),
  );
});

test('the reference lists every variable of OpenTelemetry that the worker reads', () => {
  const variables = read('src/worker/otel-config.ts').match(
    /\bOTEL_[A-Z_]*[A-Z](?=: (?:oneOf|endpoint|variable|wholeNumber))/g,
  );
  const documented = namesIn('configuration.md', 'OpenTelemetry');

  expect(documented).toEqual(expect.arrayContaining([...new Set(variables)]));
  expect(variables).toContain('OTEL_SDK_DISABLED');
});

test('the reference lists every field of the input, with the default of every duration', () => {
  expect(namesIn('monitor.md', 'Input')).toEqual(['account', 'callSid', ...Object.keys(DURATION_RULES)].sort());
  for (const [field, { defaultMs }] of Object.entries(DURATION_RULES)) {
    const documented: unknown = JSON.parse(lastCellOf('monitor.md', 'Input', field));
    expect([field, parseDurationMs(documented)]).toEqual([field, defaultMs]);
  }
});

// The compiler checks that these name every member of the type, and no other.
const PHASES: Record<MonitorPhase, true> = {
  ...{ polling: true, holding: true, waiting: true, 'credential-hold': true },
  ...{ saving: true, finished: true, cancelled: true, failed: true },
};
const ALARMS: Record<MonitorAlarm, true> = { 'credential-refused': true, 'api-unreachable': true, 'no-worker': true };
const RESULT: Record<keyof MonitorOutboundCallResult, true> = {
  ...{ callSid: true, status: true, reason: true, polls: true },
  ...{ timeline: true, finishedAt: true, outcomeSaved: true },
};
const PROGRESS: Record<keyof MonitorProgress, true> = {
  ...{ callSid: true, phase: true, lastObservation: true, polls: true, timeline: true, startedAt: true },
  ...{ deadlineAt: true, outcomeSafeUntil: true, nextPollAt: true, credentialRefusedSince: true },
  ...{ lastError: true, alarm: true, reportedPolls: true },
};

test('the reference lists every field of result and progress, every phase and every alarm', () => {
  const progress = namesIn('monitor.md', 'Progress');

  expect(namesIn('monitor.md', 'Result')).toEqual(Object.keys(RESULT).sort());
  expect(progress).toEqual([...Object.keys(PROGRESS), ...Object.keys(PHASES)].sort());
  expect(namesIn('monitor.md', 'Alarms').filter((name) => name !== 'alarm')).toEqual(Object.keys(ALARMS).sort());
});

test('the reference lists every state of contacts and attempts, and every disposition', () => {
  expect(namesIn('campaigns.md', 'Contact states')).toEqual([...CONTACT_STATES].sort());
  expect(namesIn('campaigns.md', 'Dispositions')).toEqual([...DISPOSITIONS].sort());
  expect(namesIn('campaigns.md', 'Attempt states')).toEqual(expect.arrayContaining([...ATTEMPT_STATES]));
});

test('the reference lists every column of the outcomes table', () => {
  expect(namesIn('outcomes-table.md', 'Columns')).toEqual([...OUTCOME_COLUMNS].sort());
});

test('the reference lists every command with its arguments, options and their defaults, and every exit code', () => {
  const documented = [...tablesOf('cli.md').keys()].filter((heading) => heading !== 'Exit codes');
  const commands = leavesOf(createProgram());

  expect(documented.sort()).toEqual(commands.map(({ usage }) => usage).sort());
  for (const { usage, options } of commands) {
    expect([usage, ...namesIn('cli.md', usage)]).toEqual([usage, ...options.map(({ flags }) => flags).sort()]);
    for (const { flags, defaultValue } of options.filter(({ defaultValue }) => defaultValue !== undefined)) {
      expect([usage, flags, lastCellOf('cli.md', usage, flags)]).toEqual([usage, flags, String(defaultValue)]);
    }
  }
  expect(namesIn('cli.md', 'Exit codes')).toEqual(Object.values(EXIT_CODES).map(String).sort());
});

test('the reference lists every value that an entry point exports', () => {
  const entryPoints = {
    'temporal-polyai/workflows': workflows,
    'temporal-polyai/activities': activities,
    'temporal-polyai/client': client,
    'temporal-polyai/outcomes': outcomes,
    'temporal-polyai/campaigns': campaigns,
    'temporal-polyai/plugin': plugin,
    'temporal-polyai/simulator': simulator,
    'temporal-polyai/nexus': nexus,
    'temporal-polyai/nexus-handler': nexusHandler,
    'temporal-polyai/testing': testing,
  };
  const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, unknown> };
  const importable = Object.keys(exports).filter((path) => path !== './package.json');

  expect([...tablesOf('entry-points.md').keys()].sort()).toEqual(
    importable.map((path) => path.replace('.', 'temporal-polyai')).sort(),
  );
  for (const [name, entryPoint] of Object.entries(entryPoints)) {
    expect([name, ...namesIn('entry-points.md', name)]).toEqual([name, ...Object.keys(entryPoint).sort()]);
  }
  const ofClient = namesIn('entry-points.md', 'temporal-polyai/client');
  const ofRoot = namesIn('entry-points.md', 'temporal-polyai');
  expect([...new Set([...ofRoot, ...ofClient])].sort()).toEqual(Object.keys(root).sort());
});

interface DocumentedCommand {
  readonly usage: string;
  readonly options: readonly Option[];
}

function leavesOf(command: Command, prefix: readonly string[] = []): DocumentedCommand[] {
  const visible = command.createHelp().visibleCommands(command);
  return command.commands
    .filter((child) => visible.includes(child))
    .flatMap((child) => {
      const path = [...prefix, child.name()];
      if (child.commands.length > 0) return leavesOf(child, path);
      const usage = [...path, ...child.registeredArguments.map((argument) => `<${argument.name()}>`)].join(' ');
      return { usage, options: child.options };
    });
}

function read(path: string): string {
  return readFileSync(new URL(path, ROOT), 'utf8');
}
