import { Agent, type Dispatcher, EnvHttpProxyAgent, Pool } from 'undici';

import { isLoopback } from './regions.js';

const KEEP_ALIVE_MS = 30_000;

/**
 * The HTTP/1.1 connections to an origin, kept open between requests. An https origin is reached through the proxy that
 * `HTTPS_PROXY` or `HTTP_PROXY` names, unless `NO_PROXY` excludes it; a loopback origin never is. The token stays inside TLS.
 *
 * undici's own timeouts are off: `sendRequest` has one.
 *
 * @throws {TypeError} for a proxy that is not a URL; the message does not show it
 */
export function createDispatcher(origin: string, maxConnections: number): Dispatcher {
  const options: Agent.Options = {
    connections: maxConnections,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0,
    bodyTimeout: 0,
    pipelining: 1,
    factory: (url, poolOptions: Pool.Options) => steadyPool(url, poolOptions),
  };
  if (isLoopback(new URL(origin).hostname)) return new Agent(options);
  try {
    return new EnvHttpProxyAgent(options);
  } catch {
    throw new TypeError('HTTPS_PROXY or HTTP_PROXY is not the URL of a proxy, such as http://proxy.example.com:3128');
  }
}

/**
 * undici's Agent closes a pool when its last connection has ended and opens another, also while the pool connects again. Aborted
 * requests then have a socket each: 6,400 for 10,000 of them. A pool that reports nothing is kept, and bounded by `connections`.
 */
function steadyPool(origin: string | URL, options: Pool.Options): Pool {
  const pool = new Pool(origin, options);
  pool.on = () => pool;
  return pool;
}
