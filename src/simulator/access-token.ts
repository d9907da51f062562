/** The token of every simulator that is not given another. Not a secret: it opens nothing but simulators. */
export const DEFAULT_SIMULATOR_TOKEN = 'simulator-token';

/** The one token that the simulator takes, until it expires. */
export class AccessToken {
  #token: string;
  #expired = false;

  constructor(token: string) {
    this.#token = token;
  }

  get value(): string {
    return this.#token;
  }

  replace(token: string): void {
    this.#token = token;
    this.#expired = false;
  }

  expire(): void {
    this.#expired = true;
  }

  accepts(token: unknown): boolean {
    return !this.#expired && token === this.#token;
  }
}
