import { CALL_SID_EXPECTATION, isCallSid } from '../contract/call.js';
import { monitorWorkflowId } from '../contract/names.js';
import type { ClosedRun } from './monitor-endings.js';

/** A monitor whose end is awaited. */
export interface AwaitedMonitor {
  readonly callSid: string;
  readonly workflowId: string;
}

interface Place extends AwaitedMonitor {
  line: Set<Place> | undefined;
  /** The latest close that the list showed, and the latest of which a read has told that the monitor goes on. */
  closedAtMs: number;
  refutedAtMs: number;
  lookedAtMs: number;
}

/** The monitors that are awaited, and which of them to look at next. */
export class AwaitedMonitors {
  readonly #places = new Map<string, Place>();
  /** Seen closed. */
  readonly #closed = new Set<Place>();
  /** Not looked at yet, or not for long. */
  readonly #unsure = new Set<Place>();
  /** Going on when looked at; the one looked at the longest ago comes first. */
  readonly #resting = new Set<Place>();

  get size(): number {
    return this.#places.size;
  }

  /** @throws {TypeError} for a call SID that cannot be one */
  add(callSid: string): void {
    if (!isCallSid(callSid)) throw new TypeError(`invalid callSid: ${CALL_SID_EXPECTATION}`);
    const workflowId = monitorWorkflowId(callSid);
    if (this.#places.has(workflowId)) return;
    const place = { callSid, workflowId, line: undefined, closedAtMs: 0, refutedAtMs: 0, lookedAtMs: 0 };
    this.#places.set(workflowId, place);
    move(place, this.#unsure);
  }

  sawClosed({ workflowId, closedAtMs }: ClosedRun): void {
    const place = this.#places.get(workflowId);
    if (!place || closedAtMs <= place.closedAtMs) return;
    place.closedAtMs = closedAtMs;
    if (place.line) move(place, this.#closed);
  }

  /** Takes the next one to look at out of the line. */
  take(): AwaitedLook | undefined {
    const [place] = this.#closed.size > 0 ? this.#closed : this.#unsure;
    if (!place) return undefined;
    move(place, undefined);
    const { closedAtMs } = place;
    return {
      monitor: place,
      ended: () => void this.#places.delete(place.workflowId),
      goesOn: (nowMs) => {
        place.lookedAtMs = nowMs;
        // A run that the list showed before the look was not the latest; one that it showed meanwhile may be.
        place.refutedAtMs = closedAtMs;
        move(place, place.closedAtMs > closedAtMs ? this.#closed : this.#resting);
      },
      inVain: () => move(place, place.closedAtMs > place.refutedAtMs ? this.#closed : this.#unsure),
    };
  }

  /** Has those looked at that rest since before `sinceMs`, and at most so many at once. */
  doubt(sinceMs = Infinity, atMost = Infinity): void {
    for (const place of this.#resting) {
      if (place.lookedAtMs >= sinceMs || this.#unsure.size >= atMost) return;
      move(place, this.#unsure);
    }
  }
}

/** A look at a monitor, and what may come of it. */
export interface AwaitedLook {
  readonly monitor: AwaitedMonitor;
  ended(): void;
  goesOn(nowMs: number): void;
  inVain(): void;
}

function move(place: Place, line: Set<Place> | undefined): void {
  place.line?.delete(place);
  place.line = line;
  line?.add(place);
}
