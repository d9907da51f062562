import { untilAborted } from '../platform/abortable.js';
import { DisposalStack } from '../platform/disposal.js';
import { errorMessage } from '../platform/error-message.js';
import { INTERRUPTED_EXIT_CODE, InterruptedError, Interruption } from '../platform/interruption.js';
import { print, printError } from '../platform/printing.js';
import { hasPolyAiAccess } from '../worker/environment.js';

/** What a demo stops by and cleans up with. */
export interface DemoRun {
  readonly interruption: Interruption;
  readonly disposal: DisposalStack;
}

/**
 * Runs a demo, and leaves nothing behind.
 *
 * @returns the exit code: that of the demo, 130 when interrupted, 1 when it failed
 */
export async function runInDemo(demo: (run: DemoRun) => Promise<number>): Promise<number> {
  const interruption = new Interruption();
  const disposal = new DisposalStack();
  try {
    if (hasPolyAiAccess()) {
      print('The demo uses its simulator and never dials; for the real API with your token: temporal-polyai dev\n');
    }
    return await demo({ interruption, disposal });
  } catch (error) {
    return reportFailure(interruption.signal.aborted ? interruption.signal.reason : error);
  } finally {
    await disposal.dispose().catch((error: unknown) => printError(`demo: while cleaning up: ${errorMessage(error)}`));
    interruption.dispose();
  }
}

/** Prints a step of the start. */
export function printStep(line: string): void {
  print(`• ${line}`);
}

export const KEEP_HINT = 'To look at it in the Web UI afterwards, run it with --keep';

/** Keeps everything up until Ctrl-C. */
export async function keepUntilInterrupted(signal: AbortSignal): Promise<void> {
  print('Everything stays up until Ctrl-C.');
  await untilAborted(signal);
  if (!(signal.reason instanceof InterruptedError)) throw signal.reason;
}

function reportFailure(reason: unknown): number {
  if (reason instanceof InterruptedError) {
    printError(`\nThe demo was stopped: ${reason.message}`);
    return INTERRUPTED_EXIT_CODE;
  }
  printError(`\nThe demo failed: ${errorMessage(reason)}`);
  return 1;
}
