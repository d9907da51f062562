export { parseBaseUrl, REGION_BASE_URLS, type PolyAiRegion } from './base-url.js';
export {
  PolyAiClient,
  type CallStatus,
  type PolyAiClientOptions,
  type RequestOptions,
  type TriggerCallRequest,
} from './polyai-client.js';
export { errorKindOfHttpStatus, PolyAiError, type PolyAiErrorKind } from './polyai-error.js';
