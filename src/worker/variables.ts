import { z } from 'zod';

/** A variable of the environment. An empty one counts as unset. */
export const variable = z
  .string()
  .trim()
  .transform((value) => value || undefined)
  .optional();

export function listeningAddress(example: string) {
  return variable.refine(
    (address) => address === undefined || /^(?:[\d.]+|\[[\da-f:]+\]):\d{1,5}$/i.test(address),
    `must be an IP address and a port, such as ${example}`,
  );
}

export function wholeNumberIn({ min, max, unit }: { min: number; max: number; unit: string }) {
  const message = `must be a whole number from ${min} to ${max} (${unit})`;
  const within = z.number().min(min, message).max(max, message);
  return variable.pipe(z.string().regex(/^\d+$/, message).transform(Number).pipe(within).optional());
}

/** One of some words, in lower case. */
export function oneOf<const Word extends string>(words: readonly Word[]) {
  const message = words.length > 2 ? `must be one of ${words.join(', ')}` : `must be ${words.join(' or ')}`;
  return variable.pipe(z.string().toLowerCase().pipe(z.enum(words, message)).optional());
}

export function describeIssue({ path, message }: z.core.$ZodIssue): string {
  return [...path.map(String), message].join(' ');
}
