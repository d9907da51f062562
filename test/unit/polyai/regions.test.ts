import { expect, test } from 'vitest';

import { PolyAiClient } from '../../../src/polyai/client.js';
import { parseBaseUrl, REGION_BASE_URLS } from '../../../src/polyai/regions.js';

test('the regions have the base URLs of the vendor’s contract', () => {
  expect(REGION_BASE_URLS).toEqual({
    'us-1': 'https://api.us-1.platform.polyai.app',
    'uk-1': 'https://api.uk-1.platform.polyai.app',
    'euw-1': 'https://api.euw-1.platform.polyai.app',
  });
});

test.each<[string, string]>([
  ['https://api.example.com', 'https://api.example.com'],
  ['https://api.example.com/', 'https://api.example.com'],
  ['https://api.example.com:8443/base//', 'https://api.example.com:8443/base'],
  ['HTTPS://API.example.com', 'https://api.example.com'],
  ['http://localhost:8080', 'http://localhost:8080'],
  ['http://127.0.0.1:1234', 'http://127.0.0.1:1234'],
  ['http://127.1.2.3', 'http://127.1.2.3'],
  ['http://[::1]:1234', 'http://[::1]:1234'],
  ...Object.values(REGION_BASE_URLS).map((url) => [url, url] as [string, string]),
])('accepts %s', (baseUrl, expected) => {
  expect(parseBaseUrl(baseUrl)).toBe(expected);
});

test.each([
  ['http://api.example.com', /must be https/],
  ['http://10.0.0.1', /must be https/],
  ['http://0.0.0.0', /must be https/],
  ['http://localhost.example.com', /must be https/],
  ['http://127.0.0.1.example.com', /must be https/],
  ['http://notlocalhost', /must be https/],
  ['ftp://localhost', /must be https/],
  ['ws://localhost', /must be https/],
  ['file:///etc/passwd', /must be https/],
  ['javascript:alert(1)', /must be https/],
  ['https://user@api.example.com', /no credentials/],
  ['https://:pass@api.example.com', /no credentials/],
  ['https://api.example.com?x=1', /query/],
  ['https://api.example.com#x', /fragment/],
  ['', /not a URL/],
  ['api.example.com', /not a URL/],
])('rejects %j, and says why', (baseUrl, why) => {
  expect(() => parseBaseUrl(baseUrl)).toThrow(TypeError);
  expect(() => parseBaseUrl(baseUrl)).toThrow(why);
  expect(() => new PolyAiClient({ baseUrl, token: 't0ken' })).toThrow(why);
});

test.each(['https://user:s3cret@api.example.com', 'https://user:s3cret@api.example.com:99999', 's3cret'])(
  'does not repeat what may be a secret of %s',
  (baseUrl) => {
    expect(() => parseBaseUrl(baseUrl)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('s3cret') as string }),
    );
  },
);
