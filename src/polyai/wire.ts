import { z } from 'zod';

import { isCallSid } from '../contract/call.js';

/** Body of a 200 to `GET …/{call_sid}/status`. Fields that are not listed are ignored. */
export const callStatusBody = z.object({
  status: z.string().trim().min(1).max(64),
  reason: z.string().nullish(),
});

/** Body of a 200 to `POST …/outbound-calling`. */
export const triggeredCallBody = z.object({ call_sid: z.string().refine(isCallSid) });

const text = z.string().optional().catch(undefined);

/** Body of an error answer: `{ error, code }`, or the field names that newer versions of the API use. */
export const errorBody = z
  .object({ error: text, code: text, error_message: text, error_code: text, error_id: text })
  .transform((body) => ({
    message: body.error ?? body.error_message,
    code: body.code ?? body.error_code,
    correlationId: body.error_id,
  }));
