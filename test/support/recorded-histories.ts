import { hostname } from 'node:os';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('../replay/histories/', import.meta.url));

/** Longer runs repeat what shorter ones hold. */
const MAX_RECORDED_EVENTS = 150;

/**
 * Saves a finished run as a history of the version in `RECORD_HISTORIES`, when that is set:
 * `RECORD_HISTORIES=0.1.0 npx vitest run test/workflow test/e2e`. Done once for each release.
 */
export function recordHistory(history: History, workflowId: string, run: number): void {
  const version = process.env['RECORD_HISTORIES'];
  if (!version || (history.events?.length ?? 0) > MAX_RECORDED_EVENTS || workflowId.startsWith('input-')) return;
  mkdirSync(`${folder}${version}`, { recursive: true });
  const json = historyToJSON(history).replaceAll(root, '').replaceAll(hostname(), 'host');
  writeFileSync(`${folder}${version}/${workflowId}.run-${run}.json`, json);
}

/** Paths of the recorded histories, relative to their folder. */
export function recordedHistories(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
}

/** A recorded history as the Temporal CLI and Web UI export it. */
export function readRecordedHistory(path: string): { events: Record<string, unknown>[] } {
  return JSON.parse(readFileSync(`${folder}${path}`, 'utf8')) as { events: Record<string, unknown>[] };
}
