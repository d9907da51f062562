import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { beforeEach, describe, expect, inject, test } from 'vitest';

/** What a tool that runs in an example's folder prints: if it accepts the example, nothing. */
async function complaintsOf(tool: string, args: readonly string[], example: string): Promise<string> {
  const cwd = fileURLToPath(new URL(`../../examples/${example}`, import.meta.url));
  const { stdout, message = stdout } = await execa(tool, args, { cwd, reject: false });
  return message;
}

describe('Python', () => {
  test.each([
    ['ruff', 'check', '--quiet'],
    ['ruff', 'format', '--check', '--quiet'],
    ['mypy', '--no-error-summary', '.'],
  ])('%s %s finds nothing', async (tool, ...args) => {
    expect(await complaintsOf(`${inject('pythonBinPath')}/${tool}`, args, 'python')).toBe('');
  });
});

describe('Go', () => {
  const go = inject('goExample');
  const notRun = 'notRun' in go ? go.notRun : undefined;

  beforeEach(({ skip }) => skip(notRun !== undefined, notRun));

  test.each([
    ['gofmt', '-l', '.'],
    ['go', 'vet', './...'],
    ['go', 'mod', 'tidy', '-diff'],
  ])('%s %s finds nothing', async (tool, ...args) => {
    const { toolchainPath } = go as { toolchainPath: string };
    expect(await complaintsOf(`${toolchainPath}/${tool}`, args, 'go')).toBe('');
  });
});
