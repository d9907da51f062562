export { onAbort } from './abort-listeners.js';
export { parseBaseUrl, REGION_BASE_URLS, type PolyAiRegion } from './base-url.js';
export type { PolyAiClientOptions } from './client-options.js';
export { PolyAiClient, type CallStatus, type RequestOptions, type TriggerCallRequest } from './polyai-client.js';
export { errorKindOfHttpStatus, PolyAiError, type PolyAiErrorKind } from './polyai-error.js';
export type { Slowdown } from './request-gate.js';
