/** How every command can end. */
export const EXIT_CODES = {
  done: 0,
  error: 1,
  usage: 2,
  callFailed: 3,
  monitorFailed: 4,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT_CODES)[keyof typeof EXIT_CODES];

const MEANINGS: Readonly<Record<keyof typeof EXIT_CODES, string>> = {
  done: 'done; for a monitor: the call ended in success',
  error: 'something went wrong',
  usage: 'wrong usage or configuration',
  callFailed: 'the call ended in failure',
  monitorFailed: 'the monitor ended without a final status of the call',
  interrupted: 'interrupted',
};

/** The exit codes for `--help`. */
export function renderExitCodes(): string {
  const lines = Object.entries(EXIT_CODES).map(
    ([name, code]) => `  ${String(code).padEnd(4)} ${MEANINGS[name as keyof typeof EXIT_CODES]}`,
  );
  return ['Exit codes:', ...lines].join('\n');
}
