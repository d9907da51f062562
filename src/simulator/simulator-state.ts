import type { AccessToken } from './access-token.js';
import type { CallRegistry } from './call-registry.js';
import type { CallScript } from './call-script.js';
import type { Fault } from './fault.js';
import type { FaultQueue } from './fault-queue.js';
import type { RequestLog } from './request-log.js';
import type { SimulatorClock } from './simulator-clock.js';

/** What the simulator remembers from one request to the next. */
export interface SimulatorState {
  readonly clock: SimulatorClock;
  readonly token: AccessToken;
  readonly calls: CallRegistry;
  readonly log: RequestLog;
  readonly drawRandomFault: () => Fault | undefined;
  readonly scriptFor: (toNumber: string) => CallScript;
  globalFault: FaultQueue;
}
