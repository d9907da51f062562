/** So far behind that measuring makes no sense. The message says how far. */
export class FellBehindError extends Error {
  /** @override */
  name = 'FellBehindError';
}
