import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';

import type { PolyAiActivities } from '../activities/create-activities.js';
import type { GetStatusInput, GetStatusResult } from '../contract/get-status.js';
import type { SimulatorState } from '../simulator/state.js';
import { SkippingLongPoll } from './skipping-long-poll.js';

/** `getStatus` for a server that skips time: each is remembered from one attempt to the next. */
export class SkippingGetStatus {
  readonly #longPolls = new Map<string, SkippingLongPoll>();

  constructor(
    /** The real activity. */
    private readonly poll: PolyAiActivities['getStatus'],
    private readonly simulator: SimulatorState,
  ) {}

  async run(input: GetStatusInput): Promise<GetStatusResult> {
    const context = Context.current();
    const { workflowExecution, attempt } = context.info;
    const key = `${workflowExecution?.runId ?? ''}/${input.callSid}`;
    const earlier = this.#longPolls.get(key);
    await this.simulator.syncClock();
    earlier?.countQuietPolls();
    const longPoll = attempt > 1 && earlier ? earlier : this.#begin(input, context, earlier);
    this.#longPolls.set(key, longPoll);
    try {
      const result = await longPoll.attempt(context);
      this.#end(key, longPoll);
      return result;
    } catch (error) {
      if (error instanceof ApplicationFailure && error.nonRetryable) this.#end(key, longPoll);
      throw error;
    }
  }

  /** One that was abandoned may end after the next one of its call has begun. */
  #end(key: string, longPoll: SkippingLongPoll): void {
    if (this.#longPolls.get(key) === longPoll) this.#longPolls.delete(key);
  }

  /** @param abandoned the long poll that a nudge or a cancellation interrupted */
  #begin(input: GetStatusInput, context: Context, abandoned: SkippingLongPoll | undefined): SkippingLongPoll {
    const earlierPolls = abandoned?.unreportedPolls ?? 0;
    return new SkippingLongPoll({ poll: this.poll, simulator: this.simulator, input, context, earlierPolls });
  }
}
