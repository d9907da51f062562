/** Line breaks and tabs. */
const BREAKS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;

/** Other control characters (C0, DEL, C1), halves of surrogate pairs, and characters that change the direction of text. */
const UNSAFE = /[\p{Cc}\p{Cs}\p{Bidi_Control}]/gu;

/**
 * Makes text from outside safe for Temporal, logs, terminals and stores: one line, well-formed, without control characters.
 * The SDK's core cannot decode half a surrogate pair in a failure's message, and ends the worker's process.
 */
export function plainText(text: string): string {
  return text.replace(BREAKS, ' ').replace(UNSAFE, '\ufffd');
}
