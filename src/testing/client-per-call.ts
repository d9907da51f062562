import type { StatusSource } from '../activities/accounts.js';
import { type CallStatus, PolyAiClient } from '../polyai/client.js';
import type { PolyAiClientOptions, RequestOptions } from '../polyai/options.js';

/**
 * A client for each call. One for all would react to failures of several calls by slowing down, as it does in production, but
 * in real time, while the calls live in skipped time.
 */
export class ClientPerCall implements StatusSource {
  readonly #clients = new Map<string, PolyAiClient>();

  constructor(private readonly options: PolyAiClientOptions) {}

  async getCallStatus(callSid: string, options?: RequestOptions): Promise<CallStatus> {
    const client = this.#clients.get(callSid) ?? new PolyAiClient(this.options);
    this.#clients.set(callSid, client);
    return await client.getCallStatus(callSid, options);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((client) => client.close()));
  }
}
