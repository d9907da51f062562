import { request } from 'undici';

import { notChecked, type Finding } from './check.js';
import { judgeSkew } from './judge-skew.js';
import { reasonOf } from './reason-of.js';

const ANSWER_MS = 5_000;

/** Compares this machine's clock with the `Date` of an answer of the API. Sends no token, and takes any answer. */
export async function checkApiClock(baseUrl: string, signal: AbortSignal): Promise<Finding> {
  // Not by `AbortSignal.any` and `timeout`: such a time limit may be garbage-collected before it is over (nodejs/node#57736).
  const wanted = new AbortController();
  const giveUp = (): void => wanted.abort(new Error(`no answer within ${ANSWER_MS / 1_000} s`));
  const timer = setTimeout(giveUp, ANSWER_MS);
  signal.addEventListener('abort', giveUp, { once: true });
  const beforeMs = Date.now();
  try {
    const { headers, body } = await request(baseUrl, {
      method: 'HEAD',
      headers: { 'cache-control': 'no-cache' },
      signal: wanted.signal,
      reset: true,
    });
    const afterMs = Date.now();
    await body.dump();
    const dateMs = Date.parse(String(headers['date']));
    if (Number.isNaN(dateMs)) return notChecked(`${baseUrl} answers without a date`);
    // A date has whole seconds; an answer from a cache says how old it is.
    const fromMs = dateMs + Number(headers['age'] ?? 0) * 1_000;
    return judgeSkew({ beforeMs, afterMs, fromMs, toMs: fromMs + 999 }, "the API's");
  } catch (error) {
    return notChecked(`${baseUrl} does not answer (${reasonOf(error)})`);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', giveUp);
  }
}
