import { hostname } from 'node:os';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Longer runs repeat what shorter ones contain. */
const MAX_RECORDED_EVENTS = 150;

/** A run whose history is as the Temporal CLI and Web UI export it. */
export interface RecordedRun {
  readonly workflowId: string;
  readonly history: { readonly events: readonly RecordedEvent[] };
}

interface RecordedEvent {
  readonly eventType: string;
  readonly eventId: string;
  readonly activityTaskScheduledEventAttributes?: { readonly activityType: { readonly name: string } };
}

/** Histories of one kind of workflow, in one folder for each version that recorded them. */
class HistoryCorpus {
  readonly #folder: string;

  constructor(name: 'monitors' | 'subscribers' | 'campaigns') {
    this.#folder = `${root}test/replay/histories/${name}/`;
  }

  /**
   * Saves a finished run as a history of the version in `RECORD_HISTORIES`, if that is set. Done once for each release:
   * `RECORD_HISTORIES=0.1.0 npx vitest run --project workflow --project e2e`.
   */
  record(history: temporal.api.history.v1.IHistory, name: string): void {
    const version = process.env['RECORD_HISTORIES'];
    if (!version || (history.events?.length ?? 0) > MAX_RECORDED_EVENTS) return;
    mkdirSync(`${this.#folder}${version}`, { recursive: true });
    const json = historyToJSON(history).replaceAll(root, '').replaceAll(hostname(), 'host');
    writeFileSync(`${this.#folder}${version}/${name}.json`, json);
  }

  /** The names of the versions whose histories are here. */
  versions(): string[] {
    return readdirSync(this.#folder);
  }

  /** The histories that a version has recorded; file names as workflow IDs. */
  *ofVersion(version: string): Generator<RecordedRun> {
    for (const name of readdirSync(`${this.#folder}${version}`)) {
      const json = readFileSync(`${this.#folder}${version}/${name}`, 'utf8');
      yield { workflowId: name, history: JSON.parse(json) as RecordedRun['history'] };
    }
  }
}

/** Runs of `monitorOutboundCall`. */
export const monitorHistories = new HistoryCorpus('monitors');

/** Runs of `runCallCampaign`. */
export const campaignHistories = new HistoryCorpus('campaigns');

/** Runs of users' workflows that call `awaitCallOutcome`. */
export const subscriberHistories = new HistoryCorpus('subscribers');

/**
 * What a worker receives that takes one of these runs over, for each of its workflow tasks: the history up to that task. Of
 * histories with the same events in the same order, only the first.
 */
export function stagesOf(runs: Iterable<RecordedRun>): RecordedRun[] {
  const stages = new Map<string, RecordedRun>();
  for (const { workflowId, history } of runs) {
    let sequence = '';
    for (const [index, event] of history.events.entries()) {
      const { eventType, eventId, activityTaskScheduledEventAttributes: activity } = event;
      sequence += `${eventType} ${activity?.activityType.name} `;
      if (eventType !== 'EVENT_TYPE_WORKFLOW_TASK_STARTED' || stages.has(sequence)) continue;
      const events = history.events.slice(0, index + 1);
      stages.set(sequence, { workflowId: `${workflowId}, up to event ${eventId}`, history: { events } });
    }
  }
  return [...stages.values()];
}
