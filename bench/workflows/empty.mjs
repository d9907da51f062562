/** Starts and ends. */
export async function empty() {
  await Promise.resolve();
}
