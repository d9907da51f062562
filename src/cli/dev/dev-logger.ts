import { DefaultLogger, type LogEntry } from '@temporalio/worker';

/** Warnings of the worker in one line each, without stacks. */
export const devLogger = new DefaultLogger('WARN', (entry) => console.error(renderLogEntry(entry)));

function renderLogEntry({ level, message, meta }: LogEntry): string {
  const { workflowId, attempt, error } = (meta ?? {}) as Readonly<Record<string, unknown>>;
  const parts = [
    typeof workflowId === 'string' && workflowId,
    typeof attempt === 'number' && `attempt ${attempt}`,
    error instanceof Error && error.message,
  ];
  return [`${level.toLowerCase()}: ${message}`, ...parts.filter(Boolean)].join(' · ');
}
