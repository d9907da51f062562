import { ALARM_SEARCH_ATTRIBUTE, CALL_STATUS_SEARCH_ATTRIBUTE } from '../../contract/names.js';
import { GRPC_STATUS, grpcStatusOf, isAccessDenied } from '../../platform/grpc.js';
import { INDEXED_VALUE_TYPE_KEYWORD } from '../../platform/temporal-client.js';
import type { SearchAttributeMode } from '../../worker/search-attribute-mode.js';
import { failure, type Finding, notChecked, ok, warning } from './report.js';
import { namespaceFlag, type TemporalAccess } from './temporal.js';

/** The type of each custom search attribute of a namespace. */
type RegisteredAttributes = ReadonlyMap<string, number>;

/** The custom search attributes of the namespace and their types; `undefined` where the server does not allow the question. */
export async function readSearchAttributes({
  connection,
  namespace,
}: TemporalAccess): Promise<RegisteredAttributes | undefined> {
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    return new Map(Object.entries(customAttributes).map(([name, type]) => [name, type]));
  } catch (error) {
    if (isAccessDenied(error) || grpcStatusOf(error) === GRPC_STATUS.UNIMPLEMENTED) return undefined;
    throw error;
  }
}

/** Checks that a search attribute is registered as a Keyword. Without it monitors run, but no list can be filtered by it. */
export function checkSearchAttribute(
  name: string,
  attributes: RegisteredAttributes | undefined,
  access: Pick<TemporalAccess, 'namespace'>,
): Finding {
  if (!attributes) {
    const { namespace } = access;
    return notChecked(
      'the server does not allow the question, as on Temporal Cloud: see "Search Attributes" of the namespace in the Web UI; ' +
        `to register it there: tcld namespace search-attributes add --namespace ${namespace} --search-attribute ${name}=Keyword`,
    );
  }
  const type = attributes.get(name);
  if (type === INDEXED_VALUE_TYPE_KEYWORD) return ok('registered, type Keyword; workers see it when they start');
  const create = `temporal operator search-attribute create --name ${name} --type Keyword${namespaceFlag(access)}`;
  if (type === undefined)
    return warning('not registered: no list can be filtered by it', `${create}, then restart the workers`);
  const remove = `temporal operator search-attribute remove --name ${name}${namespaceFlag(access)}`;
  return warning(
    'registered, but not with type Keyword: it is not used',
    `${remove} && ${create}, then restart the workers`,
  );
}

/** Checks that monitors may write search attributes as `POLYAI_SEARCH_ATTRIBUTES` says. */
export function checkSearchAttributeMode(
  mode: SearchAttributeMode | undefined,
  attributes: RegisteredAttributes | undefined,
): Finding {
  if (mode === undefined) return notChecked('the configuration is not valid');
  if (mode === 'off') return ok('off: monitors write neither search attribute');
  if (mode === 'auto') return ok('auto: monitors write the search attributes that the namespace has');
  if (!attributes) return notChecked('it is on, and the server does not say whether the namespace has both attributes');
  const missing = [CALL_STATUS_SEARCH_ATTRIBUTE, ALARM_SEARCH_ATTRIBUTE].filter(
    (name) => attributes.get(name) !== INDEXED_VALUE_TYPE_KEYWORD,
  );
  if (missing.length === 0) return ok('on, and the namespace has both search attributes');
  return failure(
    `on, and the namespace lacks ${missing.join(' and ')}: monitors get stuck`,
    'register what is missing as below, or set POLYAI_SEARCH_ATTRIBUTES=auto and restart the workers',
  );
}
