import { OUTCOME_COLUMNS, toRow, valuesOf } from '../../outcomes/rows.js';
import type { OutcomeQuery } from '../../outcomes/store.js';
import { withOutcomeStore } from '../outcome-store.js';
import type { ExitCode } from '../terminal.js';
import { type ExportFormat, exportItems } from './export-items.js';

interface ExportOptions {
  readonly query: OutcomeQuery;
  readonly format: ExportFormat;
  /** A file; absent for stdout. */
  readonly output: string | undefined;
}

/** Runs `outcomes export`: writes outcomes, newest first. */
export async function exportOutcomes({ query, format, output }: ExportOptions): Promise<ExitCode> {
  return await withOutcomeStore((store) =>
    exportItems({
      items: store.list(query),
      what: 'outcomes',
      format,
      columns: OUTCOME_COLUMNS,
      cellsOf: (outcome) => valuesOf(toRow(outcome, outcome.savedAt)),
      output,
    }),
  );
}
