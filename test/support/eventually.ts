const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 200;

/** Waits until `look` gives a value. It looks every 50 ms, and more rarely the longer it waits for what takes a request. */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  { withinMs = 60_000 } = {},
): Promise<T> {
  const giveUpAt = Date.now() + withinMs;
  for (let pauseMs = FIRST_PAUSE_MS; ;) {
    const looking = look();
    const value = await looking;
    if (value !== undefined) return value;
    if (Date.now() > giveUpAt) throw new Error(`waited ${withinMs / 1_000} s in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, pauseMs));
    if (looking instanceof Promise) pauseMs = Math.min(LONGEST_PAUSE_MS, 1.2 * pauseMs);
  }
}
