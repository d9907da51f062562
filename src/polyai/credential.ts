import { PolyAiError } from './polyai-error.js';
import { untilAborted } from './until-aborted.js';

const TOKEN_HEADER = 'X-PolyAi-Auth-Token';
const HEADER_SAFE = /^[\x21-\x7e]+$/;

/** A token that a request can carry. */
export interface Credential {
  readonly token: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the token comes from: it is asked for at each request, and looked at again only when it has changed. */
export class CredentialSource {
  readonly #token: () => string | Promise<string>;
  #read = '';
  #credential: Credential | undefined;

  constructor(token: string | (() => string | Promise<string>)) {
    this.#token = typeof token === 'string' ? () => token : token;
  }

  /**
   * @throws {PolyAiError} `PolyAiUnavailable` when the token could not be read, `Unauthorized` when no header can carry it
   * @throws the reason of `signal`
   */
  current(signal: AbortSignal | undefined): Credential | Promise<Credential> {
    const token = this.#askForToken();
    return typeof token === 'string' ? this.#credentialOf(token) : this.#later(token, signal);
  }

  async #later(token: PromiseLike<string>, signal: AbortSignal | undefined): Promise<Credential> {
    return this.#credentialOf(await untilAborted(Promise.resolve(token).catch(throwUnreadable), signal));
  }

  /** What the function throws may hold the token, so it is not passed on. */
  #askForToken(): string | Promise<string> {
    try {
      return this.#token();
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
