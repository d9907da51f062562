import { forkChild } from '../child.mjs';

/** @type {import('./shape.mjs').Shape} */
export const bare = {
  name: 'bare',
  about: 'a loop in a Node process with this package’s HTTP client, no durability: the floor',
  mostLive: Infinity,
  start({ env }) {
    const child = forkChild('bare', env);
    return Promise.resolve({
      workerPids: [child.pid],
      serverPids: [],
      failed: child.failed,
      maxWaiters: Infinity,
      begin: (callSid) => child.request('begin', callSid),
      result: (callSid) => child.request('result', callSid),
      stop: () => child.end(),
    });
  },
};
