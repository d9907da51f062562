import { raceAbort, withTimeout } from '../platform/abortable.js';
import { PolyAiError } from './errors.js';

const TOKEN_HEADER = 'X-PolyAi-Auth-Token';
/** A token function that takes longer has failed: no request waits for it to the end of its hold. */
export const MAX_TOKEN_WAIT_MS = 5_000;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** What a token is asked for. */
export interface TokenRequest {
  /** The API has just refused the token that was given last: give no remembered one, but look whether there is another. */
  readonly afterRejection: boolean;
}

/** Gives the token, at each request. */
export type TokenFunction = (request: TokenRequest) => string | Promise<string>;

/** A token that a request can carry. */
export interface Credential {
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface RenewalLimits {
  readonly signal: AbortSignal | undefined;
  readonly maxWaitMs: number;
}

/** Where the token comes from: it is asked for at each request, and looked at again only when it has changed. */
export class CredentialSource {
  readonly #token: TokenFunction;
  readonly #isConstant: boolean;
  #read = '';
  #credential: Credential | undefined;
  #renewing: Promise<Credential | undefined> | undefined;

  constructor(token: string | TokenFunction) {
    this.#token = typeof token === 'string' ? () => token : token;
    this.#isConstant = typeof token === 'string';
  }

  /**
   * @throws {PolyAiError} `PolyAiUnavailable` when the token could not be read, `Unauthorized` when no header can carry it
   * @throws the reason of `signal`
   */
  current(signal: AbortSignal | undefined): Credential | Promise<Credential> {
    const token = this.#askForToken();
    return typeof token === 'string' ? this.#credentialOf(token) : this.#later(token, signal);
  }

  /**
   * The token that is there in place of one that was refused; nothing when there is no other, or it cannot be had in time.
   *
   * @throws the reason of `signal`
   */
  async renewed(refused: Credential, { signal, maxWaitMs }: RenewalLimits): Promise<Credential | undefined> {
    if (this.#isConstant) return undefined;
    if (this.#credential && this.#credential.token !== refused.token) return this.#credential;
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    const renewed = await raceAbort(
      withTimeout(maxWaitMs, this.#renewing, () => undefined),
      signal,
    );
    return renewed?.token === refused.token ? undefined : renewed;
  }

  async #renew(): Promise<Credential | undefined> {
    try {
      return this.#credentialOf(await this.#token({ afterRejection: true }));
    } catch {
      return undefined;
    }
  }

  async #later(token: Promise<string>, signal: AbortSignal | undefined): Promise<Credential> {
    const inTime = withTimeout(MAX_TOKEN_WAIT_MS, Promise.resolve(token).catch(throwUnreadable), throwLate);
    return this.#credentialOf(await raceAbort(inTime, signal));
  }

  /** What the function throws may hold the token, so it is not passed on. */
  #askForToken(): string | Promise<string> {
    try {
      return this.#token({ afterRejection: false });
    } catch {
      return throwUnreadable();
    }
  }

  #credentialOf(read: string): Credential {
    if (this.#credential && read === this.#read) return this.#credential;
    const token = read.trim();
    if (!HEADER_SAFE.test(token)) {
      const message = 'the PolyAI token is empty or holds characters that no HTTP header can carry';
      throw new PolyAiError(message, { kind: 'Unauthorized' });
    }
    this.#read = read;
    this.#credential = { token, headers: { accept: 'application/json', [TOKEN_HEADER]: token } };
    return this.#credential;
  }
}

function throwUnreadable(): never {
  throw new PolyAiError('the PolyAI token could not be read', { kind: 'PolyAiUnavailable' });
}

function throwLate(): never {
  const message = `the PolyAI token function gave no token within ${MAX_TOKEN_WAIT_MS / 1_000} s`;
  throw new PolyAiError(message, { kind: 'PolyAiUnavailable' });
}
