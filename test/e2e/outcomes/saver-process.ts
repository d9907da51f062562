import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

import type { OutcomeRecord, StoredOutcome } from '../../../src/contract/outcome.js';

export interface SaverJob {
  readonly outcomes: readonly OutcomeRecord[];
  /** When to open the store, so that several processes do so at once. */
  readonly startAt?: number;
  /** Between two saves; without it all begin at once. */
  readonly paceMs?: number;
  /** Whether a save that fails is tried again until it does not. */
  readonly retry?: boolean;
}

export interface SaverAnswers {
  readonly answers: readonly StoredOutcome[];
  readonly failures: number;
}

/** Saves outcomes from a process of its own, which runs the built package. */
export async function saveInProcess(url: string, job: SaverJob): Promise<SaverAnswers> {
  const script = join(import.meta.dirname, 'saver.mjs');
  const child = spawn(process.execPath, [script, url, JSON.stringify(job)], { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  if (code !== 0 || stderr !== '') throw new Error(`a saver ended with ${code}: ${stderr}`);
  return JSON.parse(stdout) as SaverAnswers;
}
