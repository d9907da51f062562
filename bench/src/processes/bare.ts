/** The floor: a loop in a process, which forgets all calls when the process ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchStatus, isTerminal, nextPollMs, PendingResults, type LoopFunctions } from './polling-loop.js';
import { serve } from './child-process.js';

const results = new PendingResults();

serve({
  begin: (callSid) => results.add(callSid, monitor(callSid)),
  result: (callSid) => results.take(callSid),
} satisfies Omit<LoopFunctions, 'runEmpty'>);

async function monitor(callSid: string): Promise<string> {
  for (;;) {
    const status = await fetchStatus(callSid);
    if (isTerminal(status)) return status;
    await sleep(nextPollMs());
  }
}
