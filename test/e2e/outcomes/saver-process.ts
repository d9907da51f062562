import { once } from 'node:events';
import { join } from 'node:path';
import { execa } from 'execa';
import { onTestFinished } from 'vitest';

import type { OutcomeRecord, StoredOutcome } from '../../../src/contract/outcome.js';

interface SaverJob {
  readonly outcomes: readonly OutcomeRecord[];
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
  return await answersOf(startSaver(url, job));
}

/** Saves outcomes from a process for each job; all open the store in the same moment. */
export async function saveTogether(url: string, jobs: readonly SaverJob[]): Promise<SaverAnswers[]> {
  const savers = jobs.map((job) => startSaver(url, { ...job, waits: true }));
  const answers = Promise.all(savers.map((saver) => answersOf(saver)));
  // One that fails before it is ready is no reason to wait.
  await Promise.race([answers, Promise.all(savers.map(({ stdout }) => once(stdout, 'data')))]);
  for (const { stdin } of savers) stdin.end();
  return await answers;
}

function startSaver(url: string, job: SaverJob & { readonly waits?: true }) {
  const saver = execa(process.execPath, [join(import.meta.dirname, 'saver.mjs'), url, JSON.stringify(job)]);
  onTestFinished(() => void saver.kill('SIGKILL'));
  return saver;
}

async function answersOf(saver: ReturnType<typeof startSaver>): Promise<SaverAnswers> {
  const { stdout, stderr } = await saver;
  if (stderr !== '') throw new Error(`a saver printed ${stderr}`);
  return JSON.parse(stdout.split('\n').at(-1)!) as SaverAnswers;
}
