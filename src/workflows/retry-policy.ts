import { RETRY_BACKOFF } from '../contract/pacing.js';

/** How Temporal retries the activities of this package, with no limit on attempts. */
export const RETRY_POLICY = {
  initialInterval: RETRY_BACKOFF.initialMs,
  backoffCoefficient: RETRY_BACKOFF.coefficient,
  maximumInterval: RETRY_BACKOFF.maximumMs,
};
