import { max, median } from 'simple-statistics';
import type { ShapeRun } from '../shapes/run-shape.js';
import { cpuMs, residentBytes } from './process-usage.js';

const MEMORY_SAMPLE_MS = 1_000;

/** What processes used, and the polls and heartbeats that arrived, in a period. What is not known is `undefined`. */
export type Usage = Awaited<ReturnType<typeof measureUsage>>;

/** Measures while `work` is under way. */
export async function measureUsage({ shape, simulator }: ShapeRun, work: () => Promise<unknown>) {
  const readCounters = async () => {
    const { user, system } = process.cpuUsage();
    const cpu = {
      workerCpuMs: cpuMs(shape.workerPids),
      serverCpuMs: cpuMs(shape.serverPids),
      simulatorCpuMs: cpuMs([simulator.pid]),
      clientCpuMs: (user + system) / 1_000,
    };
    return { at: Date.now(), ...cpu, polls: await simulator.rpc.polls() };
  };
  const memory: number[] = [];
  const sampleMemory = (): void => void memory.push(...residentBytes(shape.workerPids));

  // Reading the server's metrics costs CPU time, so it stays outside of the period.
  const heartbeatsBefore = await shape.heartbeats?.();
  const before = await readCounters();
  const timer = setInterval(sampleMemory, MEMORY_SAMPLE_MS).unref();
  await work().finally(() => clearInterval(timer));
  sampleMemory();
  const after = await readCounters();
  return {
    /** Epoch milliseconds, as is `toAt`. */
    fromAt: before.at,
    toAt: after.at,
    /** Polls of live calls. */
    pollsMade: after.polls.live - before.polls.live,
    /** Polls after a call's end included. */
    pollsInAll: after.polls.live + after.polls.afterEnd - before.polls.live - before.polls.afterEnd,
    workerCpuMs: difference(before.workerCpuMs, after.workerCpuMs),
    serverCpuMs: difference(before.serverCpuMs, after.serverCpuMs),
    simulatorCpuMs: difference(before.simulatorCpuMs, after.simulatorCpuMs),
    /** Of this process, which starts monitors and waits for their results. */
    clientCpuMs: after.clientCpuMs - before.clientCpuMs,
    /** Heartbeats that reached the server. */
    heartbeats: difference(heartbeatsBefore, await shape.heartbeats?.()),
    /** The most memory that the worker had. */
    workerBytes: memory.length === 0 ? undefined : max(memory),
    /** The median of the worker's memory. */
    usualWorkerBytes: memory.length === 0 ? undefined : median(memory),
  };
}

/** Length of the period in milliseconds. */
export function periodMs({ fromAt, toAt }: Pick<Usage, 'fromAt' | 'toAt'>): number {
  return toAt - fromAt;
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
