import { relative } from 'node:path';
import { quantile } from 'simple-statistics';
import { type ClaimAnswer, openCampaignStore, type OpenCampaignStore } from 'temporal-polyai/campaigns';
import { checkInterruption, runInterruptible } from '../interruption.js';
import type { ClaimsOptions } from '../options.js';
import { loadBuild, REPOSITORY } from '../package-build.js';
import { digits, table } from '../report/format.js';
import { resultsFolder, writeFiles } from '../report/write-report.js';
import { describeSetting } from '../setting.js';
import { CAMPAIGN_ID, importContacts, startOnPaper } from './contacts.js';
import { type Database, withDatabase } from './database.js';

const STEPS = ['claim', 'before the request', 'accepted', 'ended', 'progress'] as const;
type Times = Record<(typeof STEPS)[number], number[]>;

interface DatabaseFigures {
  readonly database: string;
  readonly importSeconds: number;
  readonly times: Times;
}

/** Measures the store's transactions on each database and writes the report. */
export async function measureClaims(options: ClaimsOptions): Promise<void> {
  const setting = describeSetting(options, await loadBuild(REPOSITORY));
  const figures: DatabaseFigures[] = [];
  await runInterruptible(async (signal) => {
    for (const kind of options.databases) {
      figures.push(await withDatabase(kind, (database) => measureStore(database, options, signal)));
    }
    const folder = resultsFolder(setting, '-claims');
    const markdown = toMarkdown(setting.command, figures);
    writeFiles(folder, { 'claims.md': markdown, 'claims.json': `${JSON.stringify({ ...setting, figures })}\n` });
    console.log(`\n${markdown}\n${relative(process.cwd(), folder)}/: claims.md, claims.json`);
  });
}

async function measureStore(
  { name: database, url }: Database,
  options: ClaimsOptions,
  signal: AbortSignal,
): Promise<DatabaseFigures> {
  const store = openCampaignStore(url);
  try {
    const startedAt = performance.now();
    await importContacts(store, { contacts: options.rows, signal, onProgress: console.log });
    const importSeconds = (performance.now() - startedAt) / 1_000;
    await startOnPaper(store);
    const times = await measureCalls(store, options.claims, signal);
    return { database, importSeconds, times };
  } finally {
    await store.close();
  }
}

async function measureCalls(store: OpenCampaignStore, calls: number, signal: AbortSignal): Promise<Times> {
  const times: Times = { claim: [], 'before the request': [], accepted: [], ended: [], progress: [] };
  const timed = async <T>(step: keyof Times, work: () => Promise<T>): Promise<T> => {
    const startedAt = performance.now();
    const result = await work();
    times[step].push(performance.now() - startedAt);
    return result;
  };
  while (times.claim.length < calls) {
    await checkInterruption(signal);
    const owner = crypto.randomUUID();
    const startedAt = performance.now();
    const answer: ClaimAnswer = await store.claim({ campaignId: CAMPAIGN_ID, owner });
    // The limit is 1,000 calls a second: a claim that waits for it is not one of those measured.
    if (answer.kind === 'wait') continue;
    if (answer.kind !== 'claimed') throw new Error(`nothing to claim: ${JSON.stringify(answer)}`);
    times.claim.push(performance.now() - startedAt);
    const { claim } = answer;
    const { attemptId } = claim;
    await timed('before the request', () => store.beginPosting(claim));
    await timed('accepted', () => store.recordPosted({ attemptId, callSid: `OUT-${attemptId}` }));
    await timed('ended', () => store.recordEnded({ attemptId, status: 'success', reason: '' }));
    if (times.claim.length % 500 === 0) await timed('progress', () => store.progress(CAMPAIGN_ID));
  }
  return times;
}

function toMarkdown(command: string, figures: readonly DatabaseFigures[]): string {
  const rows = figures.flatMap(({ database, times }) =>
    STEPS.map((step) => {
      const sorted = times[step];
      const ms = (share: number): string => (sorted.length > 0 ? digits(quantile(sorted, share)) : '–');
      return [database, step, String(sorted.length), ms(0.5), ms(0.99), ms(1)];
    }),
  );
  const imports = figures.map(({ database, importSeconds }) => `${database}: import in ${digits(importSeconds)} s.`);
  const titles = ['database', 'transaction', 'measured', 'p50, ms', 'p99, ms', 'max, ms'];
  return `\`${command}\`\n\n${table(titles, rows)}\n\n${imports.join('\n')}\n`;
}
