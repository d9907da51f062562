import * as sdk from '@temporalio/workflow';

/** Evaluated once for all workflows, as in the package's worker. */
export const preloaded = [sdk] as const;
