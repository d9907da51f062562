export { onAbort } from './abort-listeners.js';
export { parseBaseUrl, REGION_BASE_URLS, type PolyAiRegion } from './base-url.js';
export type { PolyAiClientOptions } from './client-options.js';
export type { TokenFunction, TokenRequest } from './credential.js';
export { PolyAiClient, type CallStatus, type RequestOptions, type TriggerCallRequest } from './polyai-client.js';
export { errorKindOfHttpStatus, PolyAiError, type PolyAiErrorKind } from './polyai-error.js';
export type { TokenRefusal } from './refusal-circuit.js';
export type { Slowdown } from './request-gate.js';
export { tokenFile } from './token-file.js';
