import { notChecked, type Finding } from './check.js';
import { judgeSkew } from './judge-skew.js';
import { reasonOf } from './reason-of.js';

const ANSWER_MS = 5_000;

/** Compares this machine's clock with the `Date` of an answer of the API. Sends no token, and takes any answer. */
export async function checkApiClock(baseUrl: string, signal: AbortSignal): Promise<Finding> {
  const beforeMs = Date.now();
  try {
    const { headers } = await fetch(baseUrl, {
      method: 'HEAD',
      redirect: 'manual',
      headers: { 'cache-control': 'no-cache' },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
    });
    const afterMs = Date.now();
    const dateMs = Date.parse(headers.get('date') ?? '');
    if (Number.isNaN(dateMs)) return notChecked(`${baseUrl} answers without a date`);
    // A date has whole seconds; an answer from a cache says how old it is.
    const fromMs = dateMs + Number(headers.get('age') ?? 0) * 1_000;
    return judgeSkew({ beforeMs, afterMs, fromMs, toMs: fromMs + 999 }, "the API's");
  } catch (error) {
    const { cause } = error as { cause?: unknown };
    return notChecked(`${baseUrl} does not answer (${reasonOf(cause ?? error)})`);
  }
}
