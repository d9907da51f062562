import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stacks of failures are encoded. JavaScript, because the SDK requires it by its path. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
