import { join } from 'node:path';
import { execa } from 'execa';
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
  const saver = execa(process.execPath, [script, url, JSON.stringify(job)]);
  onTestFinished(() => void saver.kill('SIGKILL'));
  const { stdout, stderr } = await saver;
  if (stderr !== '') throw new Error(`a saver printed ${stderr}`);
  return JSON.parse(stdout) as SaverAnswers;
}
