import type { Suppression } from '../../../campaigns/records.js';
import { oneLine } from '../../../platform/printing.js';
import { withCampaignStore } from '../../campaign-store.js';
import { type Cells, printList, toSecond } from '../../list.js';
import { EXIT_CODES, type ExitCode } from '../../terminal.js';

/** Runs `campaign suppressions`. */
export async function printSuppressions(json: boolean): Promise<ExitCode> {
  return await withCampaignStore(async (store) => {
    const items = store.suppressions();
    await printList({ items, limit: Infinity, what: 'suppressions', json, head: HEAD, cellsOf });
    return EXIT_CODES.done;
  });
}

const HEAD = ['NUMBER', 'SINCE', 'SOURCE', 'REASON'];

function cellsOf({ number = '(erased)', createdAt, source, reason }: Suppression): Cells {
  return [number, toSecond(createdAt), source, reason].map(oneLine);
}
