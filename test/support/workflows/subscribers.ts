import {
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineSignal,
  isCancellation,
  setHandler,
  sleep,
} from '@temporalio/workflow';

import type { MonitorOutboundCallInput, MonitorOutboundCallResult } from '../../../src/index.js';
import { awaitCallOutcome, type AwaitCallOutcomeOptions, monitorOutboundCall } from '../../../src/workflows.js';

export { monitorOutboundCall };

/** What `awaitCallOutcome` returned or threw. */
export type Answer =
  | { readonly result: MonitorOutboundCallResult }
  | { readonly failure: { readonly type: unknown; readonly message: string; readonly details: unknown } };

/** Lets a workflow take its next step. */
export const nextStepSignal = defineSignal('goOn');

/** Awaits one call, and fails as it does. The workflow types in this file are recorded in histories: they never change. */
export async function ask(
  input: MonitorOutboundCallInput,
  options?: AwaitCallOutcomeOptions,
): Promise<MonitorOutboundCallResult> {
  return await awaitCallOutcome(input, options);
}

/** Awaits calls concurrently. */
export async function askForAll(
  inputs: readonly MonitorOutboundCallInput[],
  options?: AwaitCallOutcomeOptions,
): Promise<Answer[]> {
  return await Promise.all(inputs.map((input) => answerTo(input, options)));
}

/** Awaits a call, and awaits it again on a signal. */
export async function askTwice(input: MonitorOutboundCallInput): Promise<Answer[]> {
  const steps = countSteps();
  const first = await answerTo(input);
  await condition(() => steps.taken >= 1);
  return [first, await answerTo(input)];
}

/** Awaits a call; continues as new on a signal; awaits the call again in the second run, on a signal if it `pauses`. */
export async function askAcrossRuns(
  input: MonitorOutboundCallInput,
  pauses: boolean,
  isSecondRun = false,
): Promise<Answer> {
  const steps = countSteps();
  if (isSecondRun) {
    if (pauses) await condition(() => steps.taken >= 1);
    return await answerTo(input);
  }
  void answerTo(input);
  await condition(() => steps.taken >= 1);
  return await continueAsNew<typeof askAcrossRuns>(input, pauses, true);
}

/** Two scopes await one call; the first is cancelled on a signal. */
export async function oneOfTwoLeaves(input: MonitorOutboundCallInput): Promise<[left: boolean, answer: Answer]> {
  const steps = countSteps();
  const scope = new CancellationScope();
  const left = scope
    .run(() => answerTo(input))
    .then(
      () => false,
      (error: unknown) => isCancellation(error),
    );
  const answer = answerTo(input);
  await condition(() => steps.taken >= 1);
  scope.cancel();
  return [await left, await answer];
}

/** A monitor that sends no completion signal, like versions that have none. */
export async function deafMonitor(result: MonitorOutboundCallResult, ms: number): Promise<MonitorOutboundCallResult> {
  await sleep(ms);
  return result;
}

async function answerTo(input: MonitorOutboundCallInput, options?: AwaitCallOutcomeOptions): Promise<Answer> {
  try {
    return { result: await awaitCallOutcome(input, options) };
  } catch (error) {
    if (!(error instanceof ApplicationFailure)) throw error;
    const { type, message, details } = error;
    return { failure: { type, message, details } };
  }
}

function countSteps(): { readonly taken: number } {
  const steps = { taken: 0 };
  setHandler(nextStepSignal, () => void (steps.taken += 1));
  return steps;
}
