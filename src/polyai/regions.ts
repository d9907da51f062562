/** PolyAI's regions and the API of each. Source: `servers` in the vendor's OpenAPI document. */
export const REGION_BASE_URLS = {
  'us-1': 'https://api.us-1.platform.polyai.app',
  'uk-1': 'https://api.uk-1.platform.polyai.app',
  'euw-1': 'https://api.euw-1.platform.polyai.app',
} as const;

export type PolyAiRegion = keyof typeof REGION_BASE_URLS;

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Checks a base URL: https, or http to loopback, for the token travels with every request.
 *
 * @returns the URL without a trailing slash
 * @throws {TypeError} naming what is wrong and what was expected
 */
export function parseBaseUrl(baseUrl: string): string {
  // Not repeated: a token pasted into the wrong place, or credentials, would end up in a log.
  if (!URL.canParse(baseUrl))
    throw new TypeError('the base URL is not a URL; expected one such as https://api.example.com');
  const url = new URL(baseUrl);
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError(`the base URL must hold no credentials, query or fragment: ${url.origin}`);
  }
  const isLoopback = LOOPBACK_HOST.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
    throw new TypeError(
      `the base URL must be https (http only to loopback), for the token travels with it: ${url.origin}`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}

/** A well-formed SID of no call: asking for it tells whether the token is accepted. */
export const PROBE_CALL_SID = 'OUT-00000000-0000-0000-0000-000000000000';
