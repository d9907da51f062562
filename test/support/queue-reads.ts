/** More than tests need. */
const READS_PER_SECOND = 10_000;

/**
 * Arguments of a dev server that reads its queues of tasks as often as tests need it. The default of 20 reads a second for each is
 * too few for several test files at once, and for timers whose time is skipped: each that becomes due is a few reads.
 */
export const QUEUE_READS_ARGS = ['timer', 'transfer', 'visibility'].flatMap((queue) => [
  '--dynamic-config-value',
  `history.${queue}ProcessorMaxPollRPS=${READS_PER_SECOND}`,
]);
