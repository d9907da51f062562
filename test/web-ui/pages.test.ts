import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { startMonitor } from '../../src/client.js';
import { DEFAULT_TASK_QUEUE, MONITOR_WORKFLOW_TYPE, monitorWorkflowId } from '../../src/index.js';
import type { CallScript } from '../../src/simulator.js';
import { CampaignRig } from '../support/campaign-rig.js';
import { contactOf } from '../support/campaign-samples.js';
import { eventually, useDevServerRig } from '../support/dev-server-rig.js';
import { useSubscriberRig } from '../support/subscriber-rig.js';
import { useWebUi } from '../support/web-ui.js';

const rig = useDevServerRig({ ui: true, alarmAttribute: true });
const subscribers = useSubscriberRig(() => ({ client: rig().client, connection: rig().nativeConnection }));
const webUi = useWebUi(rig);

const CALLING: CallScript = { statuses: [{ status: 'calling', forMs: Infinity }] };
const ended = (reason: string): CallScript => ({ queuedMs: 0, callingMs: 0, outcome: 'failure', reason });
const BUSY = ended('busy');
const DOWN: CallScript = { ...CALLING, faults: [{ kind: 'status', status: 503, times: Infinity }] };

const sid = (index: number) => `OUT-550e8400-${index + 1_000}`;

const requested = (callSid: string, count = 1) =>
  eventually(`${count} requests`, () => rig().simulator.requestsFor(callSid).length >= count || undefined);

test('a monitor in a long poll says what it is, the status since when, and where its polls and errors are', async () => {
  const callSid = sid(1);
  rig().simulator.addCall(callSid, { queuedMs: 60_000, callingMs: Infinity });
  await rig().whileWorking(async () => {
    const monitor = await startMonitor(rig().client, { callSid, polling: { interval: 500 } });
    await requested(callSid);
    rig().simulator.clock.advance(60_000);
    await requested(callSid, 4);
    await webUi().openWorkflow(monitor.workflowId, 'user-metadata');
    await webUi().shows('RUNNING', `PolyAI outbound call ${callSid} `, 'The signal nudge polls now.');
    await webUi().shows(`PolyAI outbound call ${callSid}: calling since 20`, 'A long poll is running', ' UTC: queued');
    await webUi().shows('loses nothing', 'The monitor gives up at');
    await webUi().screenshot('web-ui-monitor');

    await webUi().openWorkflow(monitor.workflowId, 'timeline');
    await webUi().shows('getStatus', 'long poll for up to 10 min; status before: not observed', 'reportStatus');
  });
});

test('a monitor that another client started, without a summary, says in its current details what it is', async () => {
  const callSid = sid(2);
  rig().simulator.addCall(callSid, CALLING);
  const workflowId = monitorWorkflowId(callSid);
  await rig().whileWorking(async () => {
    const options = { workflowId, taskQueue: DEFAULT_TASK_QUEUE, args: [{ callSid, polling: { hold: 0 } }] };
    await rig().client.workflow.start(MONITOR_WORKFLOW_TYPE, options);
    await requested(callSid, 2);
    await webUi().openWorkflow(workflowId, 'user-metadata');
    await webUi().shows('No summary available', `PolyAI outbound call ${callSid}: calling since 20`);
    await webUi().shows('The monitor waits for the next poll.', 'Next poll: 20');
  });
});

test('in an outage before the first observation the pending activity has the failure, and the details point to it', async () => {
  const callSid = sid(3);
  rig().simulator.addCall(callSid, DOWN);
  await rig().whileWorking(async () => {
    const { workflowId } = await startMonitor(rig().client, { callSid });
    await requested(callSid, 2);
    await webUi().openWorkflow(workflowId, 'user-metadata');
    await webUi().shows('not observed yet', 'last error are under Pending Activities');
    await webUi().openWorkflow(workflowId, 'pending-activities');
    await webUi().shows('getStatus', 'Last Failure', 'PolyAiUnavailable', 'PolyAI answered 503');
    await webUi().screenshot('web-ui-outage');
  });
});

test('a monitor whose token is rejected says since when and what to do, and the list has its alarm', async () => {
  const callSid = sid(4);
  rig().simulator.addCall(callSid, CALLING);
  await rig().whileWorking(async () => {
    const { workflowId } = await startMonitor(rig().client, { callSid, polling: { interval: 250, hold: 0 } });
    await requested(callSid);
    rig().simulator.addCall(callSid, { ...CALLING, faults: [{ kind: 'status', status: 401, times: Infinity }] });
    const query = "PolyAiAlarm = 'credential-refused'";
    await eventually('the alarm', async () =>
      (await rig().client.workflow.count(query)).count > 0 ? true : undefined,
    );
    await webUi().openList(query);
    await webUi().shows('1 Workflow', workflowId);
    await webUi().openWorkflow(workflowId, 'user-metadata');
    await webUi().shows(
      'The API has rejected the token since 20',
      'Replace it on the worker.',
      'Last error: Unauthorized',
    );
    await webUi().screenshot('web-ui-rejected-token');
  });
});

test('a failed monitor says why, and what to do', async () => {
  const callSid = sid(5);
  rig().simulator.addCall(callSid, { ...CALLING, faults: [{ kind: 'status', status: 404, times: Infinity }] });
  await rig().whileWorking(async () => {
    const monitor = await startMonitor(rig().client, { callSid });
    await expect(monitor.result()).rejects.toThrow();
    await webUi().openWorkflow(monitor.workflowId, 'user-metadata');
    await webUi().shows('FAILED', 'never observed', 'The monitor failed. CallNotFound: PolyAI answered 404');
    await webUi().shows('start the monitor with notFoundGrace');
    await webUi().screenshot('web-ui-failed');
  });
});

test('a call that ended busy is told from one that succeeded, on its page and in the list', async () => {
  const [busy, answered] = [sid(6), sid(7)];
  rig().simulator.addCall(busy, BUSY);
  rig().simulator.addCall(answered, { statuses: [{ status: 'success' }] });
  await rig().whileWorking(async () => {
    const monitors = await Promise.all([busy, answered].map((callSid) => startMonitor(rig().client, { callSid })));
    await Promise.all(monitors.map((monitor) => monitor.result()));
    await webUi().openWorkflow(monitorWorkflowId(busy), 'user-metadata');
    await webUi().shows(
      'COMPLETED',
      ': failure at 20',
      'Reason: busy',
      'The call has ended, and with it this monitor.',
    );
  });
  const query = `WorkflowType = 'monitorOutboundCall' AND PolyAiCallStatus IN ('success', 'failure')`;
  await webUi().openList(query);
  await webUi().replaceColumns(['Run ID', 'Type', 'End'], ['PolyAiCallStatus', 'PolyAiAlarm']);
  await webUi().shows(`COMPLETED ${monitorWorkflowId(busy)}`, `COMPLETED ${monitorWorkflowId(answered)}`);
  await webUi().shows('PolyAiCallStatus', 'PolyAiAlarm', 'failure', 'success');
  await webUi().openList("PolyAiCallStatus = 'failure'");
  await webUi().shows('1 Workflow', monitorWorkflowId(busy));
});

test('a parent shows each call, also one whose monitor another caller started', async () => {
  const calls = [sid(8), sid(9)];
  for (const callSid of calls) rig().simulator.addCall(callSid, CALLING);
  await rig().whileWorking(async () => {
    await startMonitor(rig().client, { callSid: calls[0]! });
    await requested(calls[0]!);
    await subscribers().whileWorking(async () => {
      const parent = await subscribers().start('askForAll', [calls.map((callSid) => ({ callSid }))], 'order-4711');
      await requested(calls[1]!);
      await webUi().openWorkflow('order-4711', 'timeline');
      await webUi().shows(...calls.map((callSid) => `PolyAI outbound call ${callSid}`));
      await webUi().shows(`${calls[0]}: waiting for the monitor, which another caller started`);
      await webUi().screenshot('web-ui-parent');
      await webUi().openWorkflow('order-4711', 'relationships');
      await webUi().shows(monitorWorkflowId(calls[1]!));
      for (const callSid of calls) rig().simulator.addCall(callSid, BUSY);
      await parent.result();
    });
  });
});

test('a call campaign says where it is, and what its counts mean', async () => {
  const campaigns = await CampaignRig.open(rig());
  const script = (given: CallScript) => ({ simulator_script: JSON.stringify(given) });
  const contacts = [
    contactOf(1, { variables: script({ queuedMs: 0, callingMs: 600_000 }) }),
    contactOf(2, { variables: script(BUSY) }),
    contactOf(3, { consent: '' }),
  ];
  await campaigns.whileWorking(async () => {
    const campaign = await campaigns.start({ contacts });
    const { workflowId, campaignId } = campaign;
    await eventually('the busy call', async () =>
      (await campaigns.store.progress(campaignId)).dispositions.busy === 1 ? true : undefined,
    );
    await campaign.pause('wrong *price*');
    await webUi().openWorkflow(workflowId, 'user-metadata');
    await webUi().shows(`Call campaign ${campaignId} Dials a list of contacts`);
    await webUi().shows(': paused, 1 of 3 contacts settled, 1 being called', 'Reason: wrong *price*');
    await webUi().shows('The update resume lets it go on.', '1 blocked: the rules never allow a call', '1 busy');
    await webUi().screenshot('web-ui-campaign');
    // The timeline draws no row that is out of sight.
    await webUi().openWorkflow(workflowId, 'history');
    await webUi().shows('dial contacts that are due', 'start the campaign', 'pause: no new calls');
    rig().simulator.clock.advance(600_000);
    await campaign.cancel();
    await campaign.result();
  });
});

test('text of the API is no markup', async () => {
  const callSid = sid(10);
  const reason = '**now** <img src=x> [click](javascript:alert(1)) | ~~gone~~ &lt;';
  rig().simulator.addCall(callSid, ended(reason));
  await rig().whileWorking(async () => {
    const monitor = await startMonitor(rig().client, { callSid });
    await monitor.result();
    await webUi().openWorkflow(monitor.workflowId, 'user-metadata');
    await webUi().shows(`Reason: ${reason}`);
    expect(await webUi().count('[src=x], [href^=javascript], del')).toBe(0);
  });
});

test('without a worker the list says status and age, and the page the status, the last error and where to look', async () => {
  const callSid = sid(11);
  rig().simulator.addCall(callSid, CALLING);
  const { workflowId } = await rig().whileWorking(async () => {
    const monitor = await startMonitor(rig().client, { callSid, polling: { interval: 250 } });
    await requested(callSid);
    rig().simulator.addCall(callSid, DOWN);
    await requested(callSid, 3);
    return monitor;
  });
  await webUi().openList(`WorkflowId = '${workflowId}'`);
  await webUi().replaceColumns(['Run ID', 'Type', 'End'], ['PolyAiCallStatus', 'PolyAiAlarm']);
  await webUi().shows('1 Workflow', `RUNNING ${workflowId}`, 'calling', 'UTC');
  await webUi().openWorkflow(workflowId, 'user-metadata');
  await webUi().shows('While no worker runs they are empty: the status is then under Search Attributes');
  await webUi().openWorkflow(workflowId, 'search-attributes');
  await webUi().shows('"PolyAiCallStatus": "calling"');
  await webUi().openWorkflow(workflowId, 'history');
  await webUi().expand('Activity Task Completed');
  await webUi().shows('"lastError"', '"type": "PolyAiUnavailable"', 'PolyAI answered 503');
});

test('the list shows calls with their status and alarm', async () => {
  await webUi().openList("WorkflowType = 'monitorOutboundCall'");
  await webUi().replaceColumns(['Run ID', 'Type', 'End'], ['PolyAiCallStatus', 'PolyAiAlarm']);
  await webUi().shows('RUNNING', 'COMPLETED', 'FAILED', 'credential-refused');
  await webUi().screenshot('web-ui-list');
});

test('the server accepts each query of the documentation', async () => {
  const page = readFileSync(
    fileURLToPath(new URL('../../docs/how-to/look-at-calls-in-the-web-ui.md', import.meta.url)),
    'utf8',
  );
  const queries = [...page.matchAll(/^\|.*\| `(.* .*)` +\|$/gm)].map(([, query]) => query!);
  expect(queries.length).toBeGreaterThan(5);
  for (const query of queries) {
    expect((await rig().client.workflow.count(query)).count, query).toBeGreaterThanOrEqual(0);
  }
});
