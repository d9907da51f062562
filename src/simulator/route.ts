import { isCallSid } from '../contract/call.js';

/** What a request asks for. `callSid` is absent when the path holds something that cannot be one. */
export type Route =
  | { readonly kind: 'trigger' }
  | { readonly kind: 'status'; readonly callSid: string | undefined }
  | { readonly kind: 'wrong-method'; readonly allow: string }
  | { readonly kind: 'unknown' };

const TRIGGER_PATH = '/v1/outbound-calling';
const STATUS_PATH = /^\/v1\/outbound-calling\/([^/]+)\/status$/;

export function routeOf(method: string, path: string): Route {
  if (path === TRIGGER_PATH) return method === 'POST' ? { kind: 'trigger' } : { kind: 'wrong-method', allow: 'POST' };
  const segment = STATUS_PATH.exec(path)?.[1];
  if (segment === undefined) return { kind: 'unknown' };
  if (method !== 'GET') return { kind: 'wrong-method', allow: 'GET' };
  return { kind: 'status', callSid: decodeCallSid(segment) };
}

function decodeCallSid(segment: string): string | undefined {
  try {
    const decoded = decodeURIComponent(segment);
    return isCallSid(decoded) ? decoded : undefined;
  } catch {
    return undefined;
  }
}
