/**
 * Answers the requests of the parent process (`Child.request`). The process ends when its parent does; Ctrl-C, which the
 * terminal sends to both, is left to the parent.
 *
 * @param {Readonly<Record<string, (...args: any[]) => unknown>>} functions
 */
export function serve(functions) {
  process.on('disconnect', () => process.exit());
  process.on('SIGINT', () => undefined);
  process.on('message', async (/** @type {any} */ { id, method, args }) => {
    try {
      reply({ id, value: await functions[method]?.(...args) });
    } catch (error) {
      reply({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
}

/** @param {object} message */
function reply(message) {
  // The parent may be gone, which is no matter then.
  if (process.connected) process.send?.(message, undefined, {}, () => undefined);
}
