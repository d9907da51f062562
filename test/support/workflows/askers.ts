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

/** What an asker heard: the outcome, or the failure that the helper threw. */
export type Answer =
  | { readonly result: MonitorOutboundCallResult }
  | { readonly failure: { readonly type: unknown; readonly message: string; readonly details: unknown } };

/** Lets an asker take its next step. */
export const goOnSignal = defineSignal('goOn');

/** Asks for one call, and lets what the helper throws be its own failure. */
export async function ask(
  input: MonitorOutboundCallInput,
  options?: AwaitCallOutcomeOptions,
): Promise<MonitorOutboundCallResult> {
  return await awaitCallOutcome(input, options);
}

/** Asks for calls side by side. */
export async function askForAll(
  inputs: readonly MonitorOutboundCallInput[],
  options?: AwaitCallOutcomeOptions,
): Promise<Answer[]> {
  return await Promise.all(inputs.map((input) => answerTo(input, options)));
}

/** Asks, and asks again when it has heard. */
export async function askTwice(input: MonitorOutboundCallInput): Promise<Answer[]> {
  const steps = countSteps();
  const first = await answerTo(input);
  await condition(() => steps.taken >= 1);
  return [first, await answerTo(input)];
}

/** Asks; continues as new when told to; asks again in the second run, when told to if it `pauses`. */
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

/** Two ask for one call; the first leaves when told to. */
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

/** A monitor that tells nobody, as those of 0.2.0. */
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
  setHandler(goOnSignal, () => void (steps.taken += 1));
  return steps;
}
