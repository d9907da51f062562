import { z } from 'zod';

import { type CallScript, callScriptSchema } from './script.js';

/** Metadata key under which whoever triggers a call can send its `CallScript`, as JSON text. */
export const SIMULATOR_SCRIPT_METADATA_KEY = 'simulator_script';

/** The contract says 26 KB; the smaller reading of it, so that what passes here passes there. */
const MAX_METADATA_BASE64_LENGTH = 26_000;
const E164_NUMBER = /^\+[1-9]\d{6,14}$/;
const NATIONAL_NUMBER = /^(?:[ ()./-]*\d){3,15}$/;
const NUMBER_EXPECTATION = 'must be an E.164 number, or a national one beside its country_code';

const metadataSchema = z
  .record(z.string(), z.string())
  .refine((metadata) => base64Length(metadata) < MAX_METADATA_BASE64_LENGTH, 'is too large');

const triggerRequestSchema = z
  .object({
    to_number: z.string(),
    country_code: z
      .string()
      .regex(/^[A-Z]{2}$/, 'must be an ISO 3166-1 alpha-2 code')
      .optional(),
    metadata: metadataSchema.optional(),
    encryption: z.enum(['UDP/RTP', 'UDP/SRTP', 'TLS/RTP', 'TLS/SRTP']).optional(),
  })
  .refine(({ to_number: toNumber, country_code: countryCode }) => isDiallable(toNumber, countryCode), {
    path: ['to_number'],
    message: NUMBER_EXPECTATION,
  });

const jsonSchema = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const triggerBodySchema = jsonSchema.pipe(triggerRequestSchema);
const scriptTextSchema = jsonSchema.pipe(callScriptSchema);

/** A trigger request that the API accepts, or the message with which it turns one down. */
type TriggerRequest =
  | { readonly kind: 'accepted'; readonly toNumber: string; readonly script: CallScript | undefined }
  | { readonly kind: 'refused'; readonly message: string };

/** Reads the body of a trigger request. A refusal repeats none of its values, so no phone number. */
export function parseTriggerRequest(bodyText: string): TriggerRequest {
  const request = triggerBodySchema.safeParse(bodyText);
  if (!request.success) return refused(request.error, 'body');
  const { to_number: toNumber, metadata } = request.data;
  const scriptText = metadata?.[SIMULATOR_SCRIPT_METADATA_KEY];
  if (scriptText === undefined) return { kind: 'accepted', toNumber, script: undefined };
  const script = scriptTextSchema.safeParse(scriptText);
  if (!script.success) return refused(script.error, `metadata.${SIMULATOR_SCRIPT_METADATA_KEY}`);
  return { kind: 'accepted', toNumber, script: script.data };
}

function refused(error: z.ZodError, subject: string): TriggerRequest {
  const reasons = error.issues.map(({ path, message }) => `${path.join('.') || subject}: ${message}`);
  return { kind: 'refused', message: reasons.join('; ') };
}

function isDiallable(toNumber: string, countryCode: string | undefined): boolean {
  return E164_NUMBER.test(toNumber) || (countryCode !== undefined && NATIONAL_NUMBER.test(toNumber));
}

function base64Length(metadata: Readonly<Record<string, string>>): number {
  return Buffer.from(JSON.stringify(metadata)).toString('base64').length;
}
