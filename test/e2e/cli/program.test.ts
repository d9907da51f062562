import { spawnSync } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';

import { createProgram } from '../../../src/cli/program.js';
import { callCli } from '../../support/call-cli.js';
import { CLI_PATH, runCli } from '../../support/cli-process.js';

/** Every command that runs something, in the words of the command line. */
const COMMANDS = leavesOf(createProgram());
const ROOT = resolve(import.meta.dirname, '../../..');

function leavesOf(group: Command): string[] {
  const commands = group
    .createHelp()
    .visibleCommands(group)
    .filter((command) => command.name() !== 'help');
  return commands.flatMap((command) => {
    const below = leavesOf(command);
    return below.length === 0 ? [command.name()] : below.map((name) => `${command.name()} ${name}`);
  });
}

describe('the command line', () => {
  it.each(COMMANDS)('shows an example and the exit codes in the help of "%s"', async (command) => {
    const { code, stdout } = await callCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Examples:\\n.*temporal-polyai ${command}`, 's'));
    expect(stdout).toContain('3    the call ended in failure');
  });

  it.each(['--version', '-v'])('prints the version of the package for %s', async (flag) => {
    const { version } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    const { code, stdout } = await callCli([flag]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: `${version}\n` });
  });

  it.each([
    { args: ['montor'], says: '(Did you mean monitor?)' },
    { args: ['monitor', 'OUT-1', '--jsno'], says: '(Did you mean --json?)' },
    { args: ['monitor', 'OUT-1', '--interval', '1ms'], says: 'from 250 ms to 5 min' },
    { args: ['monitor'], says: "missing required argument 'callSid'" },
    { args: ['bundle'], says: "'--out <file>' not specified" },
    { args: [], says: 'Usage:' },
  ])('rejects wrong usage ($args) with exit code 2 and a hint', async ({ args, says }) => {
    const { code, stdout, stderr } = await callCli(args);
    expect(code).toBe(2);
    expect(stderr).toContain(says);
    expect(stdout).toBe('');
  });

  it.each([
    { args: ['status', 'OUT-1'], env: { TEMPORAL_PROFILE: 'none' }, says: "Profile 'none' not found" },
    { args: ['worker'], env: { POLYAI_REGION: 'mars' }, says: 'POLYAI_REGION must be one of us-1, uk-1, euw-1' },
  ])('rejects an invalid configuration of "$args.0" with exit code 2', async ({ args, env, says }) => {
    const { code, stderr } = await callCli(args, { env });
    expect(code).toBe(2);
    expect(stderr).toContain(says);
  });

  it('reports an unreachable Temporal with its address and a remedy', async () => {
    const { code, stderr } = await runCli(['monitor', 'OUT-1'], { env: { TEMPORAL_ADDRESS: '127.0.0.1:1' } });
    expect(code).toBe(1);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('cannot reach Temporal at 127.0.0.1:1: start one with "temporal-polyai dev"');
  });

  it('shows help that fits into 80 columns', async () => {
    const { stdout } = await runCli(['--help']);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each(['bash', 'zsh', 'fish', 'powershell'])('prints a completion script for %s', async (shell) => {
    const { code, stdout, stderr } = await callCli(['completion', shell]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/temporal-polyai complete '?--/);
  });

  it.each([
    { words: ['mon'], offers: ['monitor\tmonitor a call and follow it to its completion', 'monitors\t'] },
    { words: ['outcomes', 'ex'], offers: ['export\t'] },
    { words: ['outcomes', 'list', '--status', ''], offers: ['success\t', 'failure\t', 'none\t'] },
    { words: ['monitors', 'list', '--al'], offers: ['--all\t', '--alarm\t'] },
    { words: ['compl'], offers: ['completion\t'] },
  ])('offers what fits after $words', async ({ words, offers }) => {
    const { code, stdout } = await callCli(['complete', '--', ...words]);
    expect(code).toBe(0);
    for (const offer of offers) expect(`\n${stdout}`).toContain(`\n${offer}`);
    expect(stdout).not.toContain('complete\t');
  });

  it.runIf(process.platform === 'linux')('completes in a real bash', () => {
    const script = `
      temporal-polyai() { '${process.execPath}' '${CLI_PATH}' "$@"; }
      # Of the package bash-completion.
      _get_comp_words_by_ref() { cur=\${COMP_WORDS[COMP_CWORD]}; words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; }
      eval "$(temporal-polyai completion bash)"
      COMP_WORDS=(temporal-polyai outcomes sh); COMP_CWORD=2; COMP_LINE='temporal-polyai outcomes sh'; COMP_POINT=\${#COMP_LINE}
      $(complete -p temporal-polyai | sed -E 's/.*-F ([^ ]+).*/\\1/')
      printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stdout.trim().split(/\s/)[0]).toBe('show');
  });

  it('shows help with no package but commander, and names the package that a command lacks', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'cli-usage-'));
    try {
      await cp(join(ROOT, 'dist'), join(folder, 'dist'), { recursive: true });
      await cp(join(ROOT, 'package.json'), join(folder, 'package.json'));
      await mkdir(join(folder, 'node_modules'));
      await symlink(join(ROOT, 'node_modules/commander'), join(folder, 'node_modules/commander'));
      const env = { ...process.env, POLYAI_OUTCOMES_URL: 'off' };
      const run = (...args: string[]) =>
        spawnSync(process.execPath, ['dist/cli/main.js', ...args], { cwd: folder, encoding: 'utf8', env });
      expect(run('monitor', '--help').status).toBe(0);
      // The outcome store needs neither the HTTP client nor the schemas of a worker.
      expect(run('outcomes', 'list').stderr).toContain('outcomes are not stored');
      const { status, stderr } = run('bundle', '--out', 'bundle.js');
      expect(status).toBe(1);
      expect(stderr).toBe(
        'temporal-polyai: this command needs the package @temporalio/worker; install it: npm install @temporalio/worker\n',
      );
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
