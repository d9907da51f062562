import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { describe, expect, it, onTestFinished } from 'vitest';

import {
  addRuleOptions,
  type GivenRules,
  readRules,
  type RuleFlags,
} from '../../../../../src/cli/commands/campaign/rule-options.js';

async function read(...args: string[]): Promise<GivenRules> {
  const command = addRuleOptions(new Command('start'))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  command.parse(args, { from: 'user' });
  return await readRules(command.opts<RuleFlags>());
}

async function fileOf(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-polyai-rules-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'rules.json');
  await writeFile(path, content);
  return path;
}

describe('the rules of a campaign on the command line', () => {
  it('come from options', async () => {
    const given = await read(
      ...['--window', 'mon-wed,sat 09:00-18:00', '--window', 'sun 10:00-24:00', '--holiday', '2026-12-25'],
      ...['--max-attempts', '2', '--deadline', '2026-12-31T18:00:00Z', '--calls-at-once', '20'],
      ...['--calls-per-second', '0.5'],
    );
    expect(given).toEqual({
      rules: {
        windows: [
          { days: ['mon', 'tue', 'wed', 'sat'], from: '09:00', until: '18:00' },
          { days: ['sun'], from: '10:00', until: '24:00' },
        ],
        holidays: ['2026-12-25'],
        maxAttempts: 2,
        deadline: '2026-12-31T18:00:00Z',
      },
      limits: { callsAtOnce: 20, callsPerSecond: 0.5 },
    });
  });

  it('come from a file, and an option counts more', async () => {
    const path = await fileOf('{ "maxAttempts": 5, "closeMargin": "10m", "limits": { "callsAtOnce": 3 } }');
    expect(await read('--rules', path, '--max-attempts', '1', '--calls-per-second', '2')).toEqual({
      rules: { maxAttempts: 1, closeMargin: '10m' },
      limits: { callsAtOnce: 3, callsPerSecond: 2 },
    });
  });

  it('for regions come from a file of their own, or are left out by an option only', async () => {
    const own = [{ region: 'DE', windows: [], sources: [{ citation: 'counsel' }] }];
    const path = await fileOf(JSON.stringify(own));
    expect(await read('--regional-rules', path)).toEqual({ rules: { regional: { packaged: true, own } }, limits: {} });
    expect(await read('--no-regional-rules')).toEqual({
      rules: { regional: { packaged: false, own: [] } },
      limits: {},
    });
    const invalid = read('--regional-rules', await fileOf('[{ "region": "Germany" }]'));
    await expect(invalid).rejects.toThrow(/rules\.json: regional\.own\[0\]\.region must be a code of ISO 3166/);
  });

  it('are empty when none is given', async () => {
    expect(await read()).toEqual({ rules: {}, limits: {} });
  });

  it.each([
    ['{ "maxAttempts": 0 }', /rules\.json: maxAttempts must be a whole number from 1 to 20/],
    ['{ "maxAtempts": 1 }', /maxAtempts is not a rule; known are windows/],
    ['{ "limits": { "callsAtOnce": "3" } }', /callsAtOnce must be a whole number/],
    ['{ "limits": null }', /limits must be an object/],
    ['[]', /must be an object/],
    ['{', /is not JSON/],
  ])('are refused by the name of the field: %s', async (content, message) => {
    const path = await fileOf(content);
    const refused = read('--rules', path);
    await expect(refused).rejects.toThrow(message);
    await expect(refused).rejects.toMatchObject({ exitCode: 2 });
  });

  it.each([
    [['--max-attempts', '21'], 'maxAttempts must be'],
    [['--deadline', 'tomorrow'], 'deadline must be a time with a zone'],
    [['--holiday', '2026-02-30'], 'holidays must be days'],
    [['--window', 'mon-fri 18:00-09:00'], 'from must be earlier than until'],
    [['--window', 'fri-mon 09:00-18:00'], 'It must be days and hours'],
    [['--window', 'weekdays'], 'It must be days and hours'],
    [['--calls-at-once', 'many'], 'It must be a number'],
    [['--rules', '/does/not/exist.json'], 'the rules cannot be read'],
  ])('are refused: %j', async (args, message) => {
    await expect(read(...args)).rejects.toThrow(message);
  });
});
