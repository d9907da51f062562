import { formatDuration } from '../../contract/duration.js';
import { failure, type Finding, ok, warning } from './check.js';
import { GRPC_CODES, grpcCodeOf, isCredentialRefused, reasonOf } from './reason-of.js';
import { namespaceFlag, type TemporalAccess, timestampMs } from './temporal-access.js';

const SHORT_RETENTION_MS = 86_400_000;

/** Whether the namespace is there, and how long it keeps what has ended. */
export async function checkNamespace(
  { client, namespace, address }: TemporalAccess,
  { keepsOutcomes }: { readonly keepsOutcomes: boolean },
): Promise<Finding> {
  try {
    const { config } = await client.workflowService.describeNamespace({ namespace });
    const retentionMs = timestampMs(config?.workflowExecutionRetentionTtl);
    if (retentionMs === undefined) return ok(`"${namespace}" is there`);
    const found = `"${namespace}" keeps closed workflows for ${formatDuration(retentionMs)}`;
    if (keepsOutcomes || retentionMs >= SHORT_RETENTION_MS) return ok(found);
    return warning(
      `${found}, and no outcome store keeps outcomes longer`,
      `temporal operator namespace update --retention 72h${namespaceFlag({ namespace })}, or set POLYAI_OUTCOMES_URL`,
    );
  } catch (error) {
    if (isCredentialRefused(error)) {
      const remedy = 'check TEMPORAL_NAMESPACE and TEMPORAL_API_KEY';
      return failure(`${address} does not let us into namespace "${namespace}": ${reasonOf(error)}`, remedy);
    }
    if (grpcCodeOf(error) !== GRPC_CODES.notFound) throw error;
    return failure(
      `${address} has no namespace "${namespace}"`,
      `set TEMPORAL_NAMESPACE, or: temporal operator namespace create --namespace ${namespace}`,
    );
  }
}
