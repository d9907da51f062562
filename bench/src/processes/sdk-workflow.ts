import { defineSignal, proxyActivities, setHandler, upsertMemo } from '@temporalio/workflow';

const statusSignal = defineSignal<[string]>('status');

const { pollToEnd } = proxyActivities<{ pollToEnd: (callSid: string) => Promise<string> }>({
  startToCloseTimeout: '1 h',
});

/** Has the workflow type of the package's monitor, so that the same clients start it. */
export async function monitorOutboundCall({ callSid }: { readonly callSid: string }): Promise<string> {
  setHandler(statusSignal, (callStatus) => upsertMemo({ callStatus }));
  const callStatus = await pollToEnd(callSid);
  upsertMemo({ callStatus });
  return callStatus;
}
