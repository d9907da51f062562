import { z } from 'zod';

import { TERMINAL_STATUSES } from '../contract/call.js';
import type { CallScript } from './call-script.js';
import { faultSchema } from './fault-schema.js';

const milliseconds = z.number().nonnegative().optional();

/** A script as JSON. An unknown key is an error, so that a typo does not pass for a default. */
export const callScriptSchema: z.ZodType<CallScript> = z.strictObject({
  queuedMs: milliseconds,
  callingMs: milliseconds,
  outcome: z.enum(TERMINAL_STATUSES).optional(),
  reason: z.string().optional(),
  notFoundForMs: milliseconds,
  upperCase: z.boolean().optional(),
  statuses: z.array(z.strictObject({ status: z.string(), forMs: milliseconds })).optional(),
  faults: z.array(faultSchema).optional(),
});
