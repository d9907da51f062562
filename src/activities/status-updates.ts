/** How a status change during a long poll leaves its worker: to the monitor by signal, or to the server with the next heartbeat. */
export type StatusUpdates = 'signal' | 'heartbeat';

export const STATUS_UPDATES = ['signal', 'heartbeat'] as const satisfies readonly StatusUpdates[];
