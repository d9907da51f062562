import type { Client } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';
import {
  decodeFromPayloadsAtIndex,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow/index.js';

/** A failure as Temporal's API has it. */
type Failure = NonNullable<Parameters<typeof decodeOptionalFailureToOptionalError>[1]>;

interface ActivityOfWorkflow {
  readonly workflowId: string;
  readonly activityId: string | null | undefined;
}

/**
 * Decodes what raw responses of Temporal's API contain, as the SDK does for its own responses: with the client's codecs and
 * converters, which get the workflow or the activity that a payload belongs to. `undefined` stands for what they cannot decode.
 */
export class PayloadReader {
  constructor(private readonly client: Client) {}

  /** A payload of a workflow: an argument of it, or of a signal to it. */
  async ofWorkflow(workflowId: string, payload: Payload | null | undefined): Promise<unknown> {
    const { namespace } = this.client.options;
    return await this.#decode(payload, { type: 'workflow', namespace, workflowId });
  }

  /** A payload of an activity: its result, heartbeat, or a detail of its failure. */
  async ofActivity(activity: ActivityOfWorkflow, payload: Payload | null | undefined): Promise<unknown> {
    return await this.#decode(payload, this.#activityContext(activity));
  }

  /** The failure of an activity: its message may be encoded too. */
  async failureOf(activity: ActivityOfWorkflow, failure: Failure): Promise<Error | undefined> {
    const { loadedDataConverter } = this.client.options;
    try {
      return await decodeOptionalFailureToOptionalError(loadedDataConverter, failure, this.#activityContext(activity));
    } catch {
      return undefined;
    }
  }

  #activityContext({ workflowId, activityId }: ActivityOfWorkflow): SerializationContext {
    const { namespace } = this.client.options;
    return { type: 'activity', namespace, workflowId, isLocal: false, ...(activityId && { activityId }) };
  }

  async #decode(payload: Payload | null | undefined, context: SerializationContext): Promise<unknown> {
    if (!payload) return undefined;
    try {
      return await decodeFromPayloadsAtIndex(this.client.options.loadedDataConverter, 0, [payload], context);
    } catch {
      return undefined;
    }
  }
}
