import type { Logger, NativeConnection } from '@temporalio/worker';

import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../contract/names.js';
import { withTimeout } from '../platform/abortable.js';
import { errorMessage } from '../platform/error-message.js';
import { classifyGrpcError, GRPC_STATUS, grpcStatusOf, isAccessDenied } from '../platform/grpc.js';
import { plainText } from '../platform/plain-text.js';
import { INDEXED_VALUE_TYPE_KEYWORD } from '../platform/temporal-client.js';
import type { SearchAttributeMode } from './search-attribute-mode.js';

const NAMES = [CALL_STATUS_SEARCH_ATTRIBUTE, ALARM_SEARCH_ATTRIBUTE] as const;
type Name = (typeof NAMES)[number];

/** The longest delay of the worker's start. */
const FIRST_ANSWER_MS = 5_000;
const RETRY_MS = 1_000;
const MAX_RETRY_MS = 60_000;

/** The services that are queried. */
export type SearchAttributeSource = Pick<NativeConnection, 'operatorService' | 'workflowService'>;

/** Gives the services for as long as `use` takes. */
export type WithSource = <T>(use: (source: SearchAttributeSource) => Promise<T>) => Promise<T>;

interface SearchAttributesOptions {
  readonly mode: SearchAttributeMode;
  readonly namespace: string;
  readonly logger: Logger;
}

/** Which of this package's search attributes the namespace has, as far as is known. */
export class SearchAttributes {
  #present: ReadonlySet<Name>;

  constructor(private readonly options: SearchAttributesOptions) {
    this.#present = new Set(options.mode === 'on' ? NAMES : []);
  }

  has(name: Name): boolean {
    return this.#present.has(name);
  }

  /**
   * Detects the attributes and logs them. Resolves with the server's answer, after 5 s at the latest; while the server is
   * unavailable it is asked again in the background.
   */
  async find(withSource: WithSource): Promise<void> {
    const { mode, logger } = this.options;
    if (mode !== 'auto') {
      logger.info(`search attributes are ${mode}, as configured`);
      return;
    }
    await withTimeout(FIRST_ANSWER_MS, this.#find(withSource, RETRY_MS), () => undefined);
  }

  async #find(withSource: WithSource, retryMs: number): Promise<void> {
    const { logger, namespace } = this.options;
    try {
      this.#present = await withSource((source) => askServer(source, namespace));
      const found = Object.fromEntries(NAMES.map((name) => [name, this.#present.has(name)]));
      logger.info('search attributes of the namespace', { namespace, ...found });
    } catch (error) {
      const problem = plainText(errorMessage(error));
      if (isUnreachable(error) || classifyGrpcError(error) === 'transient') {
        logger.warn('search attributes are not written yet: the server could not be asked', { namespace, problem });
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
        return await this.#find(withSource, Math.min(MAX_RETRY_MS, 2 * retryMs));
      }
      logger.warn(
        'search attributes are not written: the server does not say whether the namespace has them. If it has both, ' +
          'set POLYAI_SEARCH_ATTRIBUTES (in code: searchAttributes) to on; if not, to off',
        { namespace, problem },
      );
    }
  }
}

/** Whether a connection could not be opened. */
function isUnreachable(error: unknown): boolean {
  return error instanceof Error && error.name === 'TransportError';
}

async function askServer(source: SearchAttributeSource, namespace: string): Promise<ReadonlySet<Name>> {
  try {
    const { customAttributes } = await source.operatorService.listSearchAttributes({ namespace });
    return new Set(NAMES.filter((name) => Number(customAttributes[name]) === INDEXED_VALUE_TYPE_KEYWORD));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  // Temporal Cloud offers no operator service, but visibility refuses a query about an attribute that does not exist.
  const found = await Promise.all(
    NAMES.map(async (name) => ((await isQueryable(source, namespace, name)) ? name : [])),
  );
  return new Set(found.flat());
}

async function isQueryable(
  { workflowService }: SearchAttributeSource,
  namespace: string,
  name: Name,
): Promise<boolean> {
  try {
    await workflowService.countWorkflowExecutions({ namespace, query: `${name} = 'none'` });
    return true;
  } catch (error) {
    if (grpcStatusOf(error) === GRPC_STATUS.INVALID_ARGUMENT) return false;
    throw error;
  }
}

function isRefusal(error: unknown): boolean {
  const code = grpcStatusOf(error);
  return isAccessDenied(error) || code === GRPC_STATUS.UNIMPLEMENTED || code === GRPC_STATUS.NOT_FOUND;
}
