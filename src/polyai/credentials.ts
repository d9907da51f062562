import { raceAbort, withTimeout } from '../platform/abortable.js';
import { PolyAiError } from './errors.js';

const TOKEN_HEADER = 'X-PolyAi-Auth-Token';
/** Timeout of a token function. */
export const MAX_TOKEN_WAIT_MS = 5_000;
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** Why a token function is called. */
export interface TokenRequest {
  /** The API has just rejected the last token: return no cached one, but look for a new one. */
  readonly afterRejection: boolean;
}

/** Returns the token. It is called for each request. */
export type TokenFunction = (request: TokenRequest) => string | Promise<string>;

/** A token, and the headers of a request that carries it. */
export interface Credential {
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface RenewalLimits {
  readonly signal: AbortSignal | undefined;
  readonly maxWaitMs: number;
}

/** The token of an account: read for each request, checked only when it has changed. */
export class CredentialSource {
  readonly #token: TokenFunction;
  readonly #isConstant: boolean;
  /** The token as the function returned it, before trimming. */
  #rawToken = '';
  #credential: Credential | undefined;
  #renewing: Promise<Credential | undefined> | undefined;

  /** @throws {TypeError} for a token that is neither text nor a function */
  constructor(token: string | TokenFunction) {
    if (typeof token !== 'string' && typeof token !== 'function') {
      throw new TypeError(`token must be text or a function that returns it, not ${nameOfType(token)}`);
    }
    this.#token = typeof token === 'string' ? () => token : token;
    this.#isConstant = typeof token === 'string';
  }

  /**
   * @throws {PolyAiError} `PolyAiUnavailable` when the token could not be read, `Unauthorized` when it is no text that an HTTP header can carry
   * @throws the reason of `signal`
   */
  current(signal: AbortSignal | undefined): Credential | Promise<Credential> {
    const token = this.#readToken();
    return typeof token === 'string' ? this.#credentialOf(token) : this.#whenRead(token, signal);
  }

  /**
   * The token that replaces a rejected one; `undefined` when there is no other token, or none within `maxWaitMs`.
   *
   * @throws the reason of `signal`
   */
  async renewed(rejected: Credential, { signal, maxWaitMs }: RenewalLimits): Promise<Credential | undefined> {
    if (this.#isConstant) return undefined;
    if (this.#credential && this.#credential.token !== rejected.token) return this.#credential;
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    const renewed = await raceAbort(
      withTimeout(maxWaitMs, this.#renewing, () => undefined),
      signal,
    );
    return renewed?.token === rejected.token ? undefined : renewed;
  }

  async #renew(): Promise<Credential | undefined> {
    try {
      const token = Promise.resolve(this.#token({ afterRejection: true }));
      // One that never settles would end all renewals to come.
      return this.#credentialOf(await withTimeout(MAX_TOKEN_WAIT_MS, token, throwTimedOut));
    } catch {
      return undefined;
    }
  }

  async #whenRead(token: Promise<string>, signal: AbortSignal | undefined): Promise<Credential> {
    const inTime = withTimeout(MAX_TOKEN_WAIT_MS, Promise.resolve(token).catch(throwUnreadable), throwTimedOut);
    return this.#credentialOf(await raceAbort(inTime, signal));
  }

  /** An error of the function may contain the token, so it is not passed on. */
  #readToken(): string | Promise<string> {
    try {
      return this.#token({ afterRejection: false });
    } catch {
      return throwUnreadable();
    }
  }

  /** @param rawToken a function may return anything */
  #credentialOf(rawToken: unknown): Credential {
    if (typeof rawToken !== 'string') {
      const message = `the PolyAI token function must return text, not ${nameOfType(rawToken)}`;
      throw new PolyAiError(message, { kind: 'Unauthorized' });
    }
    if (this.#credential && rawToken === this.#rawToken) return this.#credential;
    const token = rawToken.trim();
    if (!HEADER_SAFE.test(token)) {
      const message = 'the PolyAI token is empty or contains characters that no HTTP header can carry';
      throw new PolyAiError(message, { kind: 'Unauthorized' });
    }
    this.#rawToken = rawToken;
    this.#credential = { token, headers: { accept: 'application/json', [TOKEN_HEADER]: token } };
    return this.#credential;
  }
}

/** Never the value itself: it may contain the token. */
function nameOfType(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

function throwUnreadable(): never {
  throw new PolyAiError('the PolyAI token could not be read', { kind: 'PolyAiUnavailable' });
}

function throwTimedOut(): never {
  const message = `the PolyAI token function returned no token within ${MAX_TOKEN_WAIT_MS / 1_000} s`;
  throw new PolyAiError(message, { kind: 'PolyAiUnavailable' });
}
