import { CommanderError } from 'commander';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { CliError, reportError } from '../../../src/cli/terminal.js';
import { ConfigError } from '../../../src/worker/config-error.js';

const printed: string[] = [];

beforeEach(() => {
  printed.length = 0;
  vi.spyOn(process.stderr, 'write').mockImplementation((line) => printed.push(String(line).trimEnd()) > 0);
});

afterEach(() => vi.restoreAllMocks());

describe('the report of an error', () => {
  it.each([
    { error: new CliError('no monitor'), code: 1, line: 'temporal-polyai: no monitor' },
    { error: new CliError('bad profile', 2), code: 2, line: 'temporal-polyai: bad profile' },
    { error: new TypeError('odd'), code: 1, line: 'temporal-polyai: odd' },
    { error: 'text', code: 1, line: 'temporal-polyai: text' },
  ])('is one line without a stack, and exit code $code: $line', ({ error, code, line }) => {
    expect(reportError(error)).toBe(code);
    expect(printed).toEqual([line]);
  });

  it('lists every problem of the configuration, with exit code 2', () => {
    expect(reportError(new ConfigError(['POLYAI_REGION is odd', 'POLYAI_AUTH_TOKEN is not set']))).toBe(2);
    expect(printed[0]).toContain('\n  - POLYAI_REGION is odd\n  - POLYAI_AUTH_TOKEN is not set');
  });

  it('has no escape sequence of a message from outside', () => {
    reportError(new Error('\u001b]0;title\u0007no \u001b[31mred\u001b[0m, no \u009b2J, no \u202eoverride'));
    expect(printed).toEqual(['temporal-polyai: no red, no , no \ufffdoverride']);
  });

  it('prints nothing for an error that commander has printed; wrong usage has exit code 2', () => {
    expect(reportError(new CommanderError(0, 'commander.helpDisplayed', '(outputHelp)'))).toBe(0);
    expect(reportError(new CommanderError(1, 'commander.unknownOption', 'unknown option'))).toBe(2);
    expect(printed).toEqual([]);
  });

  it.each([
    ["Cannot find package '@temporalio/worker' imported from /app/x.js", 'ERR_MODULE_NOT_FOUND', '@temporalio/worker'],
    ["Cannot find module '@temporalio/testing/lib/x'\nRequire stack:", 'MODULE_NOT_FOUND', '@temporalio/testing'],
  ])('names the package to install: %s', (message, code, name) => {
    expect(reportError(Object.assign(new Error(message), { code }))).toBe(1);
    expect(printed).toEqual([
      `temporal-polyai: this command needs the package ${name}; install it: npm install ${name}`,
    ]);
  });
});
