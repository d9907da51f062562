/* global AbortController */
import { setMaxListeners } from 'node:events';
import { Client, Connection } from '@temporalio/client';
import { loadTemporalConfig } from '../dist/load-temporal-config.js';
import { startDevServer } from '../dist/temporal-server/index.js';
import { freePort } from './free-port.mjs';
import { childrenWith } from './process-usage.mjs';
import { heartbeatsIn } from './server-metrics.mjs';

/**
 * The Temporal server of one run.
 *
 * @typedef {object} TemporalServer
 * @property {Client} client
 * @property {<T>(request: () => Promise<T>) => Promise<T>} until makes requests of the client that `stop` calls off
 * @property {number[]} pids none when the server is not ours and we were not told
 * @property {boolean} isOurs started for this run, and gone with its data after it
 * @property {Record<string, string>} env how a worker reaches it
 * @property {() => Promise<number>} [heartbeats] that have reached it; absent when its metrics are not known
 * @property {() => Promise<void>} stop
 */

/** Whether `TEMPORAL_*` names a server to use. */
export const hasOwnServer = () => Boolean(process.env.TEMPORAL_ADDRESS);

/**
 * @param {string} folder for the database
 * @param {import('./options.mjs').ForeignServer} foreign
 * @returns {Promise<TemporalServer>}
 */
export async function openTemporal(folder, foreign) {
  return hasOwnServer() ? await openForeignServer(foreign) : await openDevServer(folder);
}

/** @param {import('./options.mjs').ForeignServer} foreign @returns {Promise<TemporalServer>} */
async function openForeignServer({ serverPids, serverMetrics }) {
  const { connectionOptions, namespace } = loadTemporalConfig();
  const client = await connect(connectionOptions, namespace);
  return {
    ...client,
    pids: [...serverPids],
    isOurs: false,
    env: {},
    ...(serverMetrics !== undefined && { heartbeats: () => heartbeatsIn(serverMetrics, namespace) }),
    stop: () => Promise.resolve(client.callOff()),
  };
}

/** @param {string} folder @returns {Promise<TemporalServer>} */
async function openDevServer(folder) {
  const metricsPort = await freePort();
  const server = await startDevServer({
    dbFilename: `${folder}/temporal.sqlite`,
    ui: false,
    extraArgs: ['--metrics-port', `${metricsPort}`],
    onProgress: console.log,
  });
  const { address, namespace } = server;
  const client = await connect({ address }, namespace);
  return {
    ...client,
    pids: childrenWith(['start-dev', address.split(':')[1]]),
    isOurs: true,
    env: { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace },
    heartbeats: () => heartbeatsIn(`http://127.0.0.1:${metricsPort}/metrics`, namespace),
    async stop() {
      client.callOff();
      await server.stop();
    },
  };
}

/**
 * The connection is never closed: the SDK throws, where nobody can catch it, when it repeats a request after that.
 *
 * @param {import('@temporalio/client').ConnectionOptions} options
 * @param {string} namespace
 */
async function connect(options, namespace) {
  const connection = await Connection.connect(options);
  const over = new AbortController();
  setMaxListeners(0, over.signal);
  return {
    client: new Client({ connection, namespace }),
    /** @type {TemporalServer['until']} */
    until: (request) => connection.withAbortSignal(over.signal, request),
    callOff: () => over.abort(),
  };
}
