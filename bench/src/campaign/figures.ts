import type { Client } from '@temporalio/client';
import { max, mean } from 'simple-statistics';
import type { OpenCampaignStore } from 'temporal-polyai/campaigns';
import type { DialledCall } from 'temporal-polyai/simulator';
import { CAMPAIGN_ID } from './contacts.js';

const BYTES_PER_MIB = 1_024 ** 2;
const ATTEMPT_KEY = 'temporal_polyai_attempt';
/** Monitors whose history is looked at. */
const MONITORS = 500;

/** What was dialled beside what the database says, row by row. */
export async function compareWithLedger(store: OpenCampaignStore, ledger: readonly DialledCall[]) {
  const dialled = new Map<string, number>();
  const numbers = new Set(ledger.map(({ toNumber }) => toNumber));
  for (const { metadata } of ledger) {
    const attempt = metadata[ATTEMPT_KEY] ?? '';
    dialled.set(attempt, (dialled.get(attempt) ?? 0) + 1);
  }
  let unknown = dialled.size;
  let endedWithoutDial = 0;
  let notSentButDialled = 0;
  for await (const { attemptId, state } of store.attempts(CAMPAIGN_ID)) {
    const isDialled = dialled.has(attemptId);
    if (isDialled) unknown -= 1;
    if (state === 'ended' && !isDialled) endedWithoutDial += 1;
    if (state === 'not_sent' && isDialled) notSentButDialled += 1;
  }
  return {
    calls: ledger.length,
    /** Requests beyond the first of an attempt. */
    dialledTwice: ledger.length - dialled.size,
    /** Calls beyond the first to a number; each call ends in success, so one is enough. */
    calledTwice: ledger.length - numbers.size,
    unknown,
    endedWithoutDial,
    notSentButDialled,
  };
}

/** Of a worker over time: it is flat when the last quarter is like the second. */
export function memoryOf(samples: readonly number[]) {
  const quarter = Math.floor(samples.length / 4);
  const meanMiB = (part: readonly number[]): number => (part.length > 0 ? mean([...part]) / BYTES_PER_MIB : 0);
  return {
    secondQuarterMiB: meanMiB(samples.slice(quarter, 2 * quarter)),
    lastQuarterMiB: meanMiB(samples.slice(-quarter || undefined)),
    peakMiB: samples.length > 0 ? max([...samples]) / BYTES_PER_MIB : 0,
  };
}

/** The runs of the campaign's workflow, and some monitors: how many events they have. */
export async function historiesOf(client: Client, workflowId: string) {
  const lengths = async (query: string, limit: number): Promise<number[]> => {
    const found: number[] = [];
    for await (const { historyLength } of client.workflow.list({ query })) {
      found.push(historyLength);
      if (found.length === limit) break;
    }
    return found;
  };
  const runs = await lengths(`WorkflowId = '${workflowId}'`, Infinity);
  const monitors = await lengths("WorkflowType = 'monitorOutboundCall'", MONITORS);
  return { runs: runs.length, longestRun: max([0, ...runs]), longestMonitor: max([0, ...monitors]) };
}
