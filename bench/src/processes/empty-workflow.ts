/** Starts and ends. */
export async function empty(): Promise<void> {
  await Promise.resolve();
}
