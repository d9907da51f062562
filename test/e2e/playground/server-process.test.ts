import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { spawnServer } from '../../../src/playground/server-process.js';

let root: string;
let output: string;
let descriptor: number;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'spawn-server-'));
  output = join(root, 'output');
  descriptor = openSync(output, 'a');
});

afterEach(() => {
  closeSync(descriptor);
  rmSync(root, { recursive: true });
});

const spawnShell = (script: string) => spawnServer('/bin/sh', ['-c', script], descriptor);
const printed = (expected: RegExp) => vi.waitFor(() => expect(readFileSync(output, 'utf8')).toMatch(expected), 5_000);

describe.skipIf(process.platform === 'win32')('a server process', () => {
  it('ends by the signal it is stopped with', async () => {
    const server = spawnShell('trap "echo bye; exit 7" TERM; echo ready; while :; do sleep 0.1; done');
    await printed(/ready/);
    await server.stop('SIGTERM');
    expect(await server.ended).toBe('exit code 7');
    await printed(/bye/);
  });

  it('is ended by force when it ignores that signal', { timeout: 15_000 }, async () => {
    const server = spawnShell('trap "" TERM; echo ready; while :; do sleep 0.1; done');
    await printed(/ready/);
    await server.stop('SIGTERM');
    expect(await server.ended).toBe('killed by SIGKILL');
  });

  it('takes the processes it started along', async () => {
    const server = spawnShell('sleep 600 & echo "child $!"; wait');
    await printed(/child \d+/);
    const child = Number(/child (\d+)/.exec(readFileSync(output, 'utf8'))?.[1]);
    await server.stop('SIGKILL');
    await vi.waitFor(() => expect(() => process.kill(child, 0)).toThrow('ESRCH'), 5_000);
  });

  it('leaves no exit hook behind when it ends by itself', async () => {
    const before = process.listenerCount('exit');
    const server = spawnShell('exit 4');
    expect(process.listenerCount('exit')).toBe(before + 1);
    expect(await server.ended).toBe('exit code 4');
    await server.stop('SIGTERM');
    expect(process.listenerCount('exit')).toBe(before);
  });
});
