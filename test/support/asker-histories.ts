import { hostname } from 'node:os';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { temporal } from '@temporalio/proto';

type History = temporal.api.history.v1.IHistory;

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = fileURLToPath(new URL('../replay/askers/histories/', import.meta.url));

/** Longer runs repeat what shorter ones hold. */
const MAX_RECORDED_EVENTS = 150;

/**
 * Saves a run of a workflow that awaits calls as a history of the version in `RECORD_ASKERS`, when that is set:
 * `RECORD_ASKERS=0.2.0 npx vitest run test/workflow/await-call-outcome`. Done once for each release.
 */
export function recordAsker(history: History, name: string): void {
  const version = process.env['RECORD_ASKERS'];
  if (!version || (history.events?.length ?? 0) > MAX_RECORDED_EVENTS) return;
  mkdirSync(`${folder}${version}`, { recursive: true });
  const json = historyToJSON(history).replaceAll(root, '').replaceAll(hostname(), 'host');
  writeFileSync(`${folder}${version}/${name}.json`, json);
}

/** Paths of the recorded histories, relative to their folder. */
export function askerHistories(): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.json'));
}

/** A recorded history as the Temporal CLI and Web UI export it. */
export function readAskerHistory(path: string): unknown {
  return JSON.parse(readFileSync(`${folder}${path}`, 'utf8'));
}
