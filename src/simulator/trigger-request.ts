import { z } from 'zod';

import { E164_NUMBER } from '../contract/phone-number.js';
import { type CallScript, callScriptSchema } from './script.js';

/** Metadata key of a trigger request that may hold the call's `CallScript`, as JSON text. */
export const SIMULATOR_SCRIPT_METADATA_KEY = 'simulator_script';

/** The API's documentation says 26 KB; this is its stricter reading, so that what is valid here is valid there. */
const MAX_METADATA_BASE64_LENGTH = 26_000;
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
  .refine(({ to_number: toNumber, country_code: countryCode }) => isDialable(toNumber, countryCode), {
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

/** A trigger request that the API accepts, or the message with which it rejects one. */
type TriggerRequest =
  | {
      readonly kind: 'accepted';
      readonly toNumber: string;
      readonly metadata: Readonly<Record<string, string>>;
      readonly script: CallScript | undefined;
    }
  | { readonly kind: 'invalid'; readonly message: string };

/** Parses the body of a trigger request. The message of an invalid one repeats none of its values, so no phone number. */
export function parseTriggerRequest(bodyText: string): TriggerRequest {
  const request = triggerBodySchema.safeParse(bodyText);
  if (!request.success) return invalid(request.error, 'body');
  const { to_number: toNumber, metadata = {} } = request.data;
  const scriptText = metadata[SIMULATOR_SCRIPT_METADATA_KEY];
  if (scriptText === undefined) return { kind: 'accepted', toNumber, metadata, script: undefined };
  const script = scriptTextSchema.safeParse(scriptText);
  if (!script.success) return invalid(script.error, `metadata.${SIMULATOR_SCRIPT_METADATA_KEY}`);
  return { kind: 'accepted', toNumber, metadata, script: script.data };
}

function invalid(error: z.ZodError, subject: string): TriggerRequest {
  const reasons = error.issues.map(({ path, message }) => `${path.join('.') || subject}: ${message}`);
  return { kind: 'invalid', message: reasons.join('; ') };
}

function isDialable(toNumber: string, countryCode: string | undefined): boolean {
  return E164_NUMBER.test(toNumber) || (countryCode !== undefined && NATIONAL_NUMBER.test(toNumber));
}

function base64Length(metadata: Readonly<Record<string, string>>): number {
  return Buffer.from(JSON.stringify(metadata)).toString('base64').length;
}
