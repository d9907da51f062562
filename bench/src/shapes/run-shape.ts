import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rejectOnAbort } from '../interruption.js';
import type { WatchedCall } from '../load/watched-calls.js';
import type { CommonOptions } from '../options.js';
import { forkChild } from '../processes/child-process.js';
import type { SimulatorFunctions, SimulatorProcess } from '../processes/simulator.js';
import type { RunningShape, Shape } from './shape.js';

const READY_TIMEOUT_MS = 60_000;

export interface RunShapeContext {
  readonly shape: Shape;
  /** Calls that the shape monitors at a time, on average. */
  readonly live: number;
  readonly runId: string;
  readonly options: CommonOptions;
  readonly signal: AbortSignal;
}

/** What `work` gets. */
export interface ShapeRun {
  readonly shape: RunningShape;
  readonly simulator: SimulatorProcess;
  readonly runId: string;
  readonly signal: AbortSignal;
  /** Empty; `work` adds the calls that it has monitored. */
  readonly calls: WatchedCall[];
  readonly addEndedCall: (callSid: string) => Promise<unknown>;
}

/**
 * Starts a shape with an empty server and a simulated API of its own, waits until it has monitored one call, does `work`,
 * then ends and removes everything.
 */
export async function runShape<T>(context: RunShapeContext, work: (run: ShapeRun) => Promise<T>): Promise<T> {
  const { live, runId, options, signal } = context;
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-bench-'));
  const calls: WatchedCall[] = [];
  const simulator = forkChild<SimulatorFunctions>('simulator');
  let shape: RunningShape | undefined;
  try {
    const { url, token } = await simulator.rpc.access();
    const env = {
      POLYAI_BASE_URL: url,
      POLYAI_REGION: '',
      POLYAI_AUTH_TOKEN: token,
      POLYAI_AUTH_TOKEN_FILE: '',
      BENCH_INTERVAL_MS: `${options.interval * 1_000}`,
    };
    const addEndedCall = (callSid: string): Promise<unknown> => simulator.rpc.addCall(callSid, 0);
    shape = await context.shape.start({ env, live, options, folder, runId });
    const failures = [shape.failed, simulator.failed, rejectOnAbort(signal)];
    await Promise.race([monitorOneCall(shape, addEndedCall, runId), ...failures]);
    const result = await Promise.race([work({ shape, simulator, runId, signal, calls, addEndedCall }), ...failures]);
    const ended = shape;
    shape = undefined;
    await ended.stop(unfinished(calls));
    return result;
  } catch (error) {
    // What fails now is a consequence.
    await shape?.stop(unfinished(calls)).catch(() => undefined);
    throw error;
  } finally {
    await simulator.end();
    rmSync(folder, { recursive: true, force: true });
  }
}

function unfinished(calls: readonly WatchedCall[]): string[] {
  return calls.filter(({ knownAt }) => knownAt === undefined).map(({ callSid }) => callSid);
}

async function monitorOneCall(
  shape: RunningShape,
  addEndedCall: ShapeRun['addEndedCall'],
  runId: string,
): Promise<void> {
  const callSid = `OUT-bench-${runId}-first`;
  await addEndedCall(callSid);
  await shape.begin(callSid);
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the first call has no result after a minute')), READY_TIMEOUT_MS);
  });
  await Promise.race([shape.result(callSid), timeout]).finally(() => clearTimeout(timer));
}
