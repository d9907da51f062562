import { z } from 'zod';

import type { DispositionReport } from '../contract/disposition-report.js';
import { REPORTED_DISPOSITIONS } from '../contract/disposition.js';

const text = z.string().min(1).max(200);

/** A report as it comes from outside. An unknown key is an error, so that a typo loses nothing. */
const schema = z
  .strictObject({
    attemptId: text,
    disposition: z.enum(REPORTED_DISPOSITIONS),
    callBackAt: z.iso.datetime({ offset: true }).optional(),
    source: text,
    reportId: text.optional(),
  })
  .refine(({ disposition, callBackAt }) => (disposition === 'call-back') === (callBackAt !== undefined), {
    path: ['callBackAt'],
    error: 'must be given with the disposition "call-back", and with no other',
  });

/** @throws {TypeError} naming the field and what it must be */
export function parseDispositionReport(report: unknown): DispositionReport {
  const { success, data, error } = schema.safeParse(report);
  if (success) return data;
  const [{ path, message } = { path: [], message: 'is invalid' }] = error.issues;
  throw new TypeError(`invalid disposition report: ${[path.join('.'), message].filter(Boolean).join(': ')}`);
}
