import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/**
 * A payload that came without the SDK's decoding, through the client's own codecs and converter; nothing where they cannot
 * read it.
 */
export async function decodePayload(client: Client, payload: Payload | null | undefined): Promise<unknown> {
  if (!payload) return undefined;
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  try {
    let decoded = [payload];
    for (const codec of payloadCodecs.toReversed()) decoded = await codec.decode(decoded);
    return payloadConverter.fromPayload(decoded[0]!);
  } catch {
    return undefined;
  }
}
