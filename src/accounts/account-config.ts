import type { TokenFunction } from '../polyai/credentials.js';

/** One account of PolyAI that a worker is configured for. */
export interface AccountConfig {
  /** What monitors choose it by; none for the default account. */
  readonly name: string | undefined;
  readonly baseUrl: string;
  readonly token: TokenFunction;
  /** Where the token comes from, in words for an operator. */
  readonly tokenSource: string;
}
