import { notChecked, ok, warning, type Finding } from './check.js';
import { GRPC_CODES, grpcCodeOf, isCredentialRefused } from './reason-of.js';
import { namespaceFlag, type TemporalAccess } from './temporal-access.js';

/** `INDEXED_VALUE_TYPE_KEYWORD` of Temporal's API. */
const KEYWORD = 2;

/** The namespace's own search attributes and their types; nothing where the server does not let us ask. */
export async function readSearchAttributes({
  connection,
  namespace,
}: TemporalAccess): Promise<ReadonlyMap<string, number> | undefined> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes).map(([name, type]) => [name, type]));
  } catch (error) {
    if (isCredentialRefused(error) || grpcCodeOf(error) === GRPC_CODES.unimplemented) return undefined;
    throw error;
  }
}

/** Whether a search attribute is there, as a Keyword. Monitors do without it, but are not found by it. */
export function judgeSearchAttribute(
  name: string,
  attributes: ReadonlyMap<string, number> | undefined,
  access: Pick<TemporalAccess, 'namespace'>,
): Finding {
  if (!attributes) {
    return notChecked(
      'the server does not let us ask, as on Temporal Cloud: see "Search Attributes" of the namespace in its Web UI',
    );
  }
  const type = attributes.get(name);
  if (type === KEYWORD) return ok('registered, type Keyword; workers see it when they start');
  const create = `temporal operator search-attribute create --name ${name} --type Keyword${namespaceFlag(access)}`;
  if (type === undefined)
    return warning('not registered: no list can be searched by it', `${create}, then restart the workers`);
  const remove = `temporal operator search-attribute remove --name ${name}${namespaceFlag(access)}`;
  return warning(
    'registered, but not with type Keyword: it is not used',
    `${remove} && ${create}, then restart the workers`,
  );
}
