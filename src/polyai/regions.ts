/** The base URL of the API in each of PolyAI's regions. Source: `servers` in the vendor's OpenAPI document. */
export const REGION_BASE_URLS = {
  'us-1': 'https://api.us-1.platform.polyai.app',
  'uk-1': 'https://api.uk-1.platform.polyai.app',
  'euw-1': 'https://api.euw-1.platform.polyai.app',
} as const;

export type PolyAiRegion = keyof typeof REGION_BASE_URLS;

const LOOPBACK_HOST = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** @param hostname as in `URL.hostname` */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK_HOST.test(hostname);
}

/**
 * Checks a base URL: https, or http to loopback, because every request carries the token.
 *
 * @returns the URL without a trailing slash
 * @throws {TypeError} naming the problem and the expected value
 */
export function parseBaseUrl(baseUrl: string): string {
  // The value is not shown: it may be a token in the wrong place, or contain credentials.
  if (!URL.canParse(baseUrl))
    throw new TypeError('the base URL is not a URL; expected one such as https://api.example.com');
  const url = new URL(baseUrl);
  if (url.username || url.password || url.search || url.hash) {
    throw new TypeError(`the base URL must contain no credentials, query or fragment: ${url.origin}`);
  }
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new TypeError(
      `the base URL must be https (http only to loopback), because requests carry the token: ${url.origin}`,
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '');
}
