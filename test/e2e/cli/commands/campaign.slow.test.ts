import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openCampaignStore } from '../../../../src/campaigns/open.js';
import type { OpenCampaignStore } from '../../../../src/campaigns/store.js';
import { readReport } from '../../../../src/cli/commands/campaign/run-report.js';
import { getCampaign } from '../../../../src/client.js';
import type { CampaignProgress } from '../../../../src/contract/campaign.js';
import { callCli } from '../../../support/call-cli.js';
import { CliProcess, runCli, startCli } from '../../../support/cli-process.js';
import { CampaignBench } from '../../../support/campaign-bench.js';
import { contactOf, numberOf, OPEN_RULES } from '../../../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../../../support/dev-server-rig.js';
import { readReportPage } from '../../../support/report-page.js';

const rig = useDevServerRig();
let folder: string;
let store: OpenCampaignStore;
const closers: (() => Promise<void>)[] = [];

const env = () => ({ ...rig().workerEnvironment(), POLYAI_OUTCOMES_URL: `sqlite:${join(folder, 'outcomes.sqlite')}` });
const campaign = (...args: string[]) => callCli(['campaign', ...args], { env: env() });
const campaignProcess = (...args: string[]) => runCli(['campaign', ...args], { env: env() });
const rules = () => join(folder, 'rules.json');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'temporal-polyai-cli-campaign-'));
  closers.push(() => rm(folder, { recursive: true, force: true }));
  await writeFile(
    rules(),
    JSON.stringify({ ...OPEN_RULES, maxAttempts: 1, limits: { callsAtOnce: 50, callsPerSecond: 4 } }),
  );
  const worker = new CliProcess(['worker'], { env: env() });
  // Also when what follows fails; the last one is the first to run.
  closers.push(async () => expect(await worker.end('SIGTERM')).toBe(0));
  await worker.prints('RUNNING');
  store = openCampaignStore(env().POLYAI_OUTCOMES_URL);
  closers.push(() => store.close());
});

afterAll(async () => {
  for (const close of closers.reverse()) await close();
});

/** Imports contacts whose calls are short: every third is busy. */
async function importContacts(campaignId: string, amount: number): Promise<void> {
  await store.create({ campaignId });
  const contacts = Array.from({ length: amount }, (_, index) => {
    const script = { queuedMs: 100, callingMs: 300, ...(index % 3 === 2 && { outcome: 'failure', reason: 'busy' }) };
    return contactOf(index, { variables: { simulator_script: JSON.stringify(script) } });
  });
  await store.addContacts(campaignId, contacts);
  rig().remember(getCampaign(rig().client, campaignId).workflowId);
}

describe('temporal-polyai campaign', () => {
  it('plans, starts, watches, pauses, resumes and reports a campaign', async () => {
    await importContacts('spring', 15);
    const planned = await campaignProcess('plan', 'spring', '--rules', rules(), '--json');
    expect(planned.json).toMatchObject({ state: 'draft', dial: 15, never: 0, limits: { callsPerSecond: 4 } });

    // So slow that none of the commands comes too late.
    const started = await campaignProcess('start', 'spring', '--rules', rules(), '--calls-per-second', '0.1');
    expect([started.code, started.stdout.split('\n')[0]]).toEqual([
      0,
      'spring: started; workflow call-campaign-spring',
    ]);
    const watching = startCli(['campaign', 'watch', 'spring'], { env: env() });
    await watching.prints('running');
    const paused = await campaignProcess('pause', 'spring', '--reason', 'lunch', '--json');
    expect(paused.json).toMatchObject({ state: 'paused', stateReason: 'lunch' });
    await watching.prints('paused (lunch)');

    expect(await campaign('pause', 'spring')).toMatchObject({
      code: 1,
      stderr: 'temporal-polyai: campaign "spring" is paused, so it cannot be paused\n',
    });
    const again = await campaign('start', 'spring', '--max-attempts', '2');
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('runs already, by the rules and limits')]);
    const changed = await campaign('change', 'spring', '--calls-per-second', '100', '--json');
    expect(changed.json).toMatchObject({ state: 'paused', limits: { callsAtOnce: 50, callsPerSecond: 100 } });

    expect((await campaign('resume', 'spring')).stdout).toMatch(/^spring: resumed\n {2}running/);
    expect(await watching.exited()).toBe(0);
    expect(watching.stdout).toMatch(/completed \(no contact is left\) · 15 of 15 contacts settled \(100 %\)/);

    const progress = (await campaign('status', 'spring', '--json')).json as CampaignProgress;
    expect(progress.contacts).toMatchObject({ done: 10, failed: 5 });
    const output = join(folder, 'report.html');
    expect((await campaignProcess('report', 'spring', '--output', output)).code).toBe(0);
    const { summary } = readReportPage(await readFile(output, 'utf8'));
    expect(summary).toMatchObject({ 'contacts reached': [10, 15] });
    const report = await readReport(store, 'spring');
    const nonZero = (counts: object) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
    expect(report.contacts).toEqual(nonZero(progress.contacts));
    expect(report.attempts).toEqual(nonZero(progress.attempts));
    const dispositions = report.dispositions.map(({ disposition, calls }) => [disposition, calls] as const);
    expect(Object.fromEntries(dispositions)).toEqual(progress.dispositions);
  });

  it('reconciles a campaign with Temporal, and says what is left to a person', async () => {
    await importContacts('lost', 2);
    await campaign('start', 'lost', '--rules', rules());
    await getCampaign(rig().client, 'lost').result();
    const bench = new CampaignBench(env().POLYAI_OUTCOMES_URL, store);
    const [attempt] = await bench.attempts('lost');
    await bench.execute(`DELETE FROM temporal_polyai_attempts WHERE campaign_id = 'lost'`);
    await bench.execute(`DELETE FROM temporal_polyai_contacts WHERE contact_id = '${attempt!.contactId}'`);
    const reconciled = await campaign('reconcile', 'lost');
    expect([reconciled.code, reconciled.stdout]).toEqual([
      1,
      'lost: Temporal knows of 2 calls and 0 ambiguous attempts; 1 of them were not in the database, and are now\n',
    ]);
    expect(reconciled.stderr).toContain(`the contact of call ${attempt!.callSid} is not in the database`);
    expect(reconciled.stderr).toContain(
      '1 attempt more, which the workflow has counted, is known neither to the database',
    );
    expect((await campaign('reconcile', 'lost', '--json')).json).toMatchObject({ recorded: 0, missing: 1 });
    await bench.execute(`UPDATE temporal_polyai_campaigns SET state = 'running' WHERE campaign_id = 'lost'`);
    expect((await campaign('reconcile', 'lost')).stderr).toContain('is running: pause it');
  });

  it('stops watching at Ctrl-C, and ends with 5 when the campaign is cancelled', async () => {
    await importContacts('summer', 5);
    await campaign('start', 'summer', '--rules', rules(), '--calls-per-second', '0.01');
    const first = startCli(['campaign', 'watch', 'summer'], { env: env() });
    await first.prints('running');
    expect(await first.end('SIGINT')).toBe(130);
    expect(first.stderr).toContain('campaign summer goes on');

    await new CampaignBench(env().POLYAI_OUTCOMES_URL, store).execute(
      `UPDATE temporal_polyai_contacts SET state = 'failed', settled_at = 0 WHERE number = '${numberOf(4)}'`,
    );
    const busy = await campaign('retry-failed', 'summer', '--disposition', 'busy', 'no-answer', '--json');
    expect(busy.json).toMatchObject({ contacts: { failed: 1 } });
    const all = await campaign('retry-failed', 'summer', '--json');
    expect(all.json).toMatchObject({ contacts: { failed: 0 } });

    // Without the database it is the workflow that answers.
    const elsewhere = { env: { ...env(), POLYAI_OUTCOMES_URL: 'off' } };
    const status = await callCli(['campaign', 'status', 'summer'], elsewhere);
    expect(status.stdout).toMatch(/^summer: running\n[^]*from the workflow\n$/);
    const second = startCli(['campaign', 'watch', 'summer', '--json'], elsewhere);
    expect((await campaign('cancel', 'summer')).code).toBe(2);
    expect((await campaign('cancel', 'summer', '--yes', '--reason', 'sold out')).code).toBe(0);
    expect(await second.exited()).toBe(5);
    const last = second.stdout.trim().split('\n').at(-1)!;
    expect(JSON.parse(last)).toMatchObject({ state: 'cancelled', stateReason: 'sold out' });
    await getCampaign(rig().client, 'summer').result();
    expect((await campaign('resume', 'summer')).stderr).toContain('no workflow of campaign "summer" runs');
  });

  it('changes rules and limits together or alone, and says when there is nothing to change', async () => {
    await importContacts('change', 1);
    await campaign('start', 'change', '--rules', rules(), '--calls-per-second', '0.01');
    const nothing = await campaign('change', 'change');
    expect([nothing.code, nothing.stderr]).toEqual([2, 'temporal-polyai: nothing to change: give a rule or a limit\n']);

    const both = await campaign('change', 'change', '--max-attempts', '3', '--calls-at-once', '7');
    expect([both.code, both.stdout]).toEqual([0, expect.stringMatching(/^change: changed\n {2}running/)]);
    const [before, { version }] = [await store.progress('change'), await store.rules('change')];
    expect(before.limits).toEqual({ callsAtOnce: 7, callsPerSecond: 0.01 });
    expect((await store.rules('change')).rules.maxAttempts).toBe(3);

    const ruleOnly = await campaign('change', 'change', '--max-attempts', '4', '--json');
    expect(ruleOnly.json).toMatchObject({ rulesVersion: version + 1, limits: before.limits });
    const limitOnly = await campaign('change', 'change', '--calls-at-once', '8', '--json');
    expect(limitOnly.json).toMatchObject({ rulesVersion: version + 1, limits: { callsAtOnce: 8 } });
    await campaign('cancel', 'change', '--yes');
  });

  it('dials failed and ambiguous contacts again, the ambiguous ones only when told that some are called twice', async () => {
    await importContacts('again', 3);
    await campaign('start', 'again', '--rules', rules(), '--calls-per-second', '0.01');
    await campaign('pause', 'again');
    const contacts = async () => (await store.progress('again')).contacts;
    const setState = async (state: string): Promise<void> =>
      await new CampaignBench(env().POLYAI_OUTCOMES_URL, store).execute(
        `UPDATE temporal_polyai_contacts SET state = '${state}', settled_at = 0
         WHERE campaign_id = 'again' AND number = '${numberOf(2)}'`,
      );

    await setState('ambiguous');
    const refused = await campaign('retry-ambiguous', 'again');
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining('to skip the question: --yes')]);
    expect(await contacts()).toMatchObject({ ambiguous: 1 });
    const failed = await campaign('retry-failed', 'again');
    expect(failed.stdout).toMatch(/^again: failed contacts are dialled again\n {2}paused/);
    expect(await contacts()).toMatchObject({ ambiguous: 1 });
    const ambiguous = await campaign('retry-ambiguous', 'again', '--yes');
    expect(ambiguous.stdout).toMatch(/^again: ambiguous contacts are dialled again\n {2}paused/);
    expect(await contacts()).toMatchObject({ ambiguous: 0 });

    await setState('failed');
    expect((await campaign('retry-ambiguous', 'again', '--yes')).code).toBe(0);
    expect(await contacts()).toMatchObject({ failed: 1 });
    const busy = await campaign('retry-failed', 'again', '--disposition', 'busy', 'no-answer');
    expect(busy.stdout).toMatch(/^again: failed contacts \(busy, no-answer\) are dialled again\n/);
    expect(await contacts()).toMatchObject({ failed: 1 });
    expect((await campaign('retry-failed', 'again', '--json')).json).toMatchObject({ contacts: { failed: 0 } });
    // Without a workflow, whose history the rig would read.
    await store.create({ campaignId: 'idle' });
    expect((await campaign('retry-failed', 'idle')).stderr).toContain('no workflow of campaign "idle" runs');
    expect((await campaign('retry-failed', 'nowhere')).stderr).toContain('no workflow of campaign "nowhere" runs');
    expect((await campaign('pause', 'nowhere')).stderr).toContain('no workflow of campaign "nowhere" runs');
    await campaign('cancel', 'again', '--yes');
  });

  it('records what is to be dialled again after the end of a campaign, for the start that follows', async () => {
    await store.create({ campaignId: 'over' });
    await campaign('start', 'over');
    const recorded = await eventually('the end of the workflow', async () => {
      const answer = await campaign('retry-failed', 'over');
      return answer.stdout.includes('recorded') ? answer : undefined;
    });
    expect(recorded).toMatchObject({
      code: 0,
      stdout: 'over: recorded; no workflow runs: to dial these contacts: temporal-polyai campaign start over\n',
    });
  });

  it('resumes a campaign in an older copy of the database only when told to', async () => {
    await importContacts('copy', 1);
    await campaign('start', 'copy', '--rules', rules(), '--calls-per-second', '0.01');
    await campaign('pause', 'copy');
    await new CampaignBench(env().POLYAI_OUTCOMES_URL, store).execute(
      `UPDATE temporal_polyai_campaigns SET restored_at = 0 WHERE campaign_id = 'copy'`,
    );
    expect((await campaign('resume', 'copy')).stderr).toContain('cannot be resumed: the database is older');
    const reconciled = await campaign('reconcile', 'copy');
    expect([reconciled.code, reconciled.stdout]).toEqual([0, expect.stringContaining('; 0 of them were not in')]);
    expect(await campaign('resume', 'copy', '--accept-restored')).toMatchObject({ code: 0 });
  });

  it('says when no worker polls, and when the workflow ends before the campaign', async () => {
    await importContacts('autumn', 1);
    const started = await campaign('start', 'autumn', '--task-queue', 'nobody');
    expect([started.code, started.stderr]).toEqual([
      0,
      expect.stringContaining('no worker polls the task queue "nobody"'),
    ]);
    const watching = startCli(['campaign', 'watch', 'autumn'], { env: env() });
    await watching.prints('no worker polls the task queue "nobody"');
    await rig().client.workflow.getHandle('call-campaign-autumn').terminate();
    expect(await watching.exited()).toBe(1);
    expect(watching.stderr).toContain('has ended before the campaign (terminated)');
  });

  it('refuses a campaign that nobody imported, in the words of the worker', async () => {
    const started = await campaign('start', 'winter');
    expect([started.code, started.stderr]).toEqual([1, expect.stringContaining('there is no campaign "winter"')]);
    await eventually('its failure', async () => {
      const { status } = await rig().client.workflow.getHandle('call-campaign-winter').describe();
      return status.name === 'FAILED' ? true : undefined;
    });
    expect((await campaign('status', 'winter')).stderr).toContain('there is no campaign');
  });
});
