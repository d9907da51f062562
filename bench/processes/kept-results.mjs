/** The results of calls that are being polled, until the parent process asks for them. */
export function keptResults() {
  /** @type {Map<string, Promise<unknown>>} */
  const results = new Map();
  return {
    /** @param {string} callSid @param {Promise<unknown>} result */
    keep(callSid, result) {
      result.catch(() => undefined);
      results.set(callSid, result);
    },
    /** @param {string} callSid */
    async take(callSid) {
      const result = await results.get(callSid);
      results.delete(callSid);
      return result;
    },
  };
}
