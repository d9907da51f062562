import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import type { RecordedDisposition } from '../contract/disposition-report.js';
import { CampaignError } from './errors.js';
import type { CampaignStore } from './store.js';

/** The shortest secret: a guess of one with 128 random bits is hopeless. */
const MIN_SECRET_LENGTH = 16;
const MAX_BODY_BYTES = 16_384;

export interface DispositionReceiverOptions {
  readonly store: Pick<CampaignStore, 'recordDisposition'>;
  /**
   * What a sender gives as `Authorization: Bearer <secret>`, at least 16 characters. A list accepts each of its secrets, for the
   * time of a change.
   */
  readonly secret: string | readonly string[];
  /**
   * Called after a report is recorded, before the response; for example to have the campaign's workflow look at once. What it
   * throws becomes a 503, after which the sender may repeat the report.
   * @default nothing
   */
  readonly onRecorded?: ((recorded: RecordedDisposition) => void | Promise<void>) | undefined;
  /**
   * Told about an error of the store or of `onRecorded`, of which the sender only gets 503.
   * @default nothing
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/**
 * A request handler for `node:http`, and what is compatible with it, that takes dispositions of calls: `POST` with a
 * {@link DispositionReport} as JSON, on whatever path you route to it. Serve it over https. Nothing of a request is logged.
 *
 * Answers with JSON: 200 and the {@link RecordedDisposition}; or `{ "error": … }` with 400 (invalid), 401 (secret), 404 (no such
 * attempt), 405, 409 (the campaign's rules cannot be read), 413 (over 16 KiB) or 503 (send it again).
 *
 * @throws {TypeError} for a secret that is too short
 *
 * @example
 * createServer(dispositionReceiver({ store, secret })).listen(8080);
 */
export function dispositionReceiver({
  store,
  secret,
  onRecorded,
  onError,
}: DispositionReceiverOptions): (request: IncomingMessage, response: ServerResponse) => Promise<void> {
  const secrets = [secret].flat().map(digestOf);
  if (secrets.length === 0 || [secret].flat().some(({ length }) => length < MIN_SECRET_LENGTH)) {
    throw new TypeError(`secret must have at least ${MIN_SECRET_LENGTH} characters`);
  }
  const receive = async (request: IncomingMessage): Promise<Answer> => {
    if (request.method !== 'POST') return { status: 405, error: 'send a POST', headers: { allow: 'POST' } };
    if (!isAuthorized(request, secrets)) {
      return { status: 401, error: 'the secret is missing or wrong', headers: { 'www-authenticate': 'Bearer' } };
    }
    const body = await readBody(request);
    if (body === undefined) return { status: 413, error: `the body has more than ${MAX_BODY_BYTES} bytes` };
    const answer = await record(store, body);
    if ('recorded' in answer) await onRecorded?.(answer.recorded);
    return answer;
  };
  return async (request, response) => {
    const answer = await receive(request).catch((error: unknown): Answer => {
      onError?.(error);
      return { status: 503, error: 'not recorded: send it again', headers: { 'retry-after': '5' } };
    });
    send(response, answer, request.complete);
  };
}

type Answer =
  | { readonly status: 200; readonly recorded: RecordedDisposition }
  | { readonly status: number; readonly error: string; readonly headers?: Readonly<Record<string, string>> };

async function record(store: DispositionReceiverOptions['store'], body: string): Promise<Answer> {
  try {
    return { status: 200, recorded: await store.recordDisposition(parseJson(body)) };
  } catch (error) {
    if (error instanceof TypeError) return { status: 400, error: error.message };
    if (!(error instanceof CampaignError)) throw error;
    return { status: error.code === 'not-found' ? 404 : 409, error: error.message };
  }
}

function send(response: ServerResponse, answer: Answer, isComplete: boolean): void {
  const { status } = answer;
  response.writeHead(status, {
    'content-type': 'application/json',
    ...('headers' in answer && answer.headers),
    // What is left of a body that was not read must not be taken for the next request.
    ...(!isComplete && { connection: 'close' }),
  });
  response.end(JSON.stringify('recorded' in answer ? answer.recorded : { error: answer.error }));
}

/** Compares digests, which are all of one length, in constant time, and with every secret. */
function isAuthorized({ headers }: IncomingMessage, secrets: readonly Buffer[]): boolean {
  const given = /^Bearer (.+)$/i.exec(headers.authorization ?? '')?.[1];
  if (given === undefined) return false;
  const digest = digestOf(given);
  return secrets.map((secret) => timingSafeEqual(secret, digest)).includes(true);
}

function digestOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest();
}

/** @returns `undefined` when it is too long */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** @throws {TypeError} */
function parseJson(body: string): never {
  try {
    return JSON.parse(body) as never;
  } catch {
    throw new TypeError('invalid disposition report: the body is not JSON');
  }
}
