import { z } from 'zod';

import type { Fault } from './fault.js';

const times = z.int().positive().optional();
const milliseconds = z.number().nonnegative();

/** A fault as JSON. */
export const faultSchema: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    retryAfter: z.union([z.number(), z.strictObject({ httpDateInMs: z.number() })]).optional(),
    body: z.unknown().optional(),
    times,
  }),
  z.strictObject({ kind: z.literal('delay'), ms: milliseconds, times }),
  z.strictObject({ kind: z.literal('hang'), times }),
  z.strictObject({ kind: z.literal('reset'), times }),
  z.strictObject({ kind: z.literal('cut-off'), times }),
  z.strictObject({ kind: z.literal('malformed'), times }),
  z.strictObject({ kind: z.literal('body'), body: z.unknown(), times }),
  z.strictObject({ kind: z.literal('oversized'), times }),
  z.strictObject({ kind: z.literal('redirect'), location: z.string(), times }),
]);
