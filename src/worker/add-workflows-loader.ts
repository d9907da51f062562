/** A webpack loader for the entry that the SDK generates: adds the workflows of a module to those of the worker. */

interface LoaderContext {
  getOptions(): AddWorkflowsOptions;
}

export interface AddWorkflowsOptions {
  /** Its exports are added; those of the worker's own module with the same name are kept. */
  readonly workflowsPath: string;
}

// eslint-disable-next-line no-restricted-syntax -- webpack takes a loader from its module's default export
export default function addWorkflows(this: LoaderContext, source: string): string {
  if (!source.includes('exports.importWorkflows =')) {
    throw new Error(
      'PolyAiPlugin does not know this version of @temporalio/worker: re-export temporal-polyai/workflows from your workflows module',
    );
  }
  const added = JSON.stringify(this.getOptions().workflowsPath);
  return `${source}
const importOwnWorkflows = exports.importWorkflows;
exports.importWorkflows = function importWorkflows() {
  return { ...require(${added}), ...importOwnWorkflows() };
}
`;
}
