import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';

import { dispositionReceiver, type DispositionReceiverOptions } from '../../../src/campaigns/disposition-receiver.js';
import { parseDispositionReport } from '../../../src/campaigns/dispositions.js';
import { CampaignError } from '../../../src/campaigns/errors.js';
import type { DispositionReport, RecordedDisposition } from '../../../src/contract/disposition-report.js';

const SECRET = 'a-secret-of-many-characters';
const REPORT: DispositionReport = { attemptId: 'a-1', disposition: 'human', source: 'agent' };
const RECORDED: RecordedDisposition = {
  isNew: true,
  attemptId: 'a-1',
  contactId: 'c-1',
  contactState: 'done',
  campaignId: 'spring',
  campaignState: 'running',
};

/** A receiver on a real socket, and a function that sends to it. */
async function receiver(options: Partial<DispositionReceiverOptions> = {}) {
  const reports: DispositionReport[] = [];
  const store: DispositionReceiverOptions['store'] = {
    recordDisposition: (report) => {
      reports.push(parseDispositionReport(report));
      return Promise.resolve(RECORDED);
    },
  };
  const handle = dispositionReceiver({ store, secret: SECRET, ...options });
  const server = createServer((request, response) => void handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const post = async (body: unknown, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/any/path`, {
      method: 'POST',
      headers: { authorization: `Bearer ${SECRET}` },
      body: typeof body === 'string' ? body : JSON.stringify(body),
      ...init,
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as { error?: string } };
  };
  return { reports, post };
}

const failing = (error: Error): Pick<DispositionReceiverOptions, 'store'> => ({
  store: { recordDisposition: () => Promise.reject(error) },
});

describe('the receiver of dispositions', () => {
  it('records a report, tells who wants to know, and answers with what it did', async () => {
    const told: RecordedDisposition[] = [];
    const { reports, post } = await receiver({ onRecorded: (recorded) => void told.push(recorded) });
    expect(await post(REPORT)).toMatchObject({ status: 200, body: RECORDED });
    expect(reports).toEqual([REPORT]);
    expect(told).toEqual([RECORDED]);
  });

  it.each([
    ['no secret', {}],
    ['another secret', { authorization: 'Bearer a-secret-of-many-characterz' }],
    ['a part of the secret', { authorization: `Bearer ${SECRET.slice(0, -1)}` }],
    ['another scheme', { authorization: `Basic ${SECRET}` }],
  ])('takes nothing with %s', async (_what, headers) => {
    const { reports, post } = await receiver();
    expect(await post(REPORT, { headers })).toMatchObject({ status: 401 });
    expect(reports).toEqual([]);
  });

  it('accepts each of several secrets', async () => {
    const { post } = await receiver({ secret: ['the-secret-of-tomorrow', SECRET] });
    expect(await post(REPORT)).toMatchObject({ status: 200 });
    const headers = { authorization: 'bearer the-secret-of-tomorrow' };
    expect(await post(REPORT, { headers })).toMatchObject({ status: 200 });
  });

  it.each([
    ['that is not JSON', '{', 'not JSON'],
    ['with an unknown disposition', { ...REPORT, disposition: 'maybe' }, 'disposition: '],
    ['with an unknown field', { ...REPORT, note: '' }, 'note'],
  ])('rejects a report %s, and says why', async (_what, body, message) => {
    const { post } = await receiver();
    const answer = await post(body);
    expect(answer.status).toBe(400);
    expect(answer.body.error).toContain(message);
  });

  it('reads no more than 16 KiB', async () => {
    const { reports, post } = await receiver();
    const answer = await post({ ...REPORT, source: 'x'.repeat(20_000) });
    expect([answer.status, answer.headers.get('connection')]).toEqual([413, 'close']);
    expect(reports).toEqual([]);
  });

  it('says what a sender can do about a refusal', async () => {
    const { post } = await receiver(failing(new CampaignError('there is no attempt "a-1"', 'not-found')));
    expect(await post(REPORT)).toMatchObject({ status: 404, body: { error: 'there is no attempt "a-1"' } });
    const other = await receiver(failing(new CampaignError('the rules cannot be read', 'wrong-state')));
    expect(await other.post(REPORT)).toMatchObject({ status: 409 });
    const { post: get } = await receiver();
    const answer = await get('', { method: 'GET', body: null });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  });

  it('has a report sent again after an error, which only its own process sees', async () => {
    const seen: unknown[] = [];
    const error = new Error('no route to 10.0.0.7');
    const { post } = await receiver({ ...failing(error), onError: (problem) => void seen.push(problem) });
    const answer = await post(REPORT);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
    expect(JSON.stringify(answer.body)).not.toContain('10.0.0.7');
    const other = await receiver({
      onRecorded: () => Promise.reject(error),
      onError: (problem) => void seen.push(problem),
    });
    expect(await other.post(REPORT)).toMatchObject({ status: 503 });
    expect(seen).toEqual([error, error]);
  });

  it('has no secret that can be guessed', () => {
    const { store } = failing(new Error());
    for (const secret of ['', 'short', [], [SECRET, 'short']]) {
      expect(() => dispositionReceiver({ store, secret })).toThrow('at least 16 characters');
    }
  });
});
