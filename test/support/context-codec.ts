import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import type { Payload, PayloadCodec, SerializationContext } from '@temporalio/common';

/** Encrypts with a key for each workflow and activity, so that it decodes only with the context that it encoded with. */
export class ContextCodec implements PayloadCodec {
  encode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => encrypted(payload, keyOf(context))));
  }

  decode(payloads: Payload[], context?: SerializationContext): Promise<Payload[]> {
    return Promise.resolve(
      payloads.map((payload) => (isEncrypted(payload) ? decrypted(payload, keyOf(context)) : payload)),
    );
  }
}

const ENCODING = Buffer.from('binary/context-encrypted');

function keyOf(context: SerializationContext | undefined): Buffer {
  if (!context) throw new Error('no serialization context');
  const activityId = context.type === 'activity' ? context.activityId : '';
  return createHash('sha256')
    .update(JSON.stringify([context.type, context.namespace, context.workflowId, activityId]))
    .digest();
}

function encrypted({ metadata, data }: Payload, key: Buffer): Payload {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const plain = JSON.stringify({
    metadata: Object.fromEntries(Object.entries(metadata ?? {}).map(([name, value]) => [name, base64(value)])),
    data: base64(data ?? new Uint8Array()),
  });
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return { metadata: { encoding: ENCODING }, data: Buffer.concat([iv, cipher.getAuthTag(), body]) };
}

function isEncrypted({ metadata }: Payload): boolean {
  return ENCODING.equals(metadata?.['encoding'] ?? Buffer.alloc(0));
}

function decrypted({ data }: Payload, key: Buffer): Payload {
  const bytes = Buffer.from(data!);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(12, 28));
  const plain = Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString();
  const payload = JSON.parse(plain) as { metadata: Record<string, string>; data: string };
  return {
    metadata: Object.fromEntries(
      Object.entries(payload.metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
    ),
    data: Buffer.from(payload.data, 'base64'),
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
