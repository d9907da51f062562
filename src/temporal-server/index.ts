export { locateServerExecutable } from './locate-server-executable.js';
export type { LocateServerExecutableOptions } from './locate-server-executable.js';
export type { ServerKind } from './server-release.js';
export { startDevServer } from './start-dev-server.js';
export type { DevServer, StartDevServerOptions } from './start-dev-server.js';
