import { log } from '@temporalio/activity';

import type { CallOutcome } from '../contract/outcome.js';
import type { OutcomeStore } from '../outcomes/outcome-store.js';
import { storeFailure } from './store-failure.js';

/** Result of the activity `saveOutcome`. */
export interface SaveOutcomeResult {
  /** `false` where this worker keeps no outcomes. */
  readonly isSaved: boolean;
}

/** Makes the activity `saveOutcome`: keeps an outcome that `getStatus` has not kept itself. Idempotent by call SID. */
export function createSaveOutcome(outcomes: OutcomeStore | undefined) {
  return async function saveOutcome(outcome: CallOutcome): Promise<SaveOutcomeResult> {
    if (!outcomes) {
      log.warn('outcome not kept: this worker has no outcome store', { callSid: outcome.callSid });
      return { isSaved: false };
    }
    try {
      await outcomes.save(outcome);
      return { isSaved: true };
    } catch (error) {
      throw storeFailure('the outcome could not be saved', error);
    }
  };
}
