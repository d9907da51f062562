import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { createGenerator, type Definition } from 'ts-json-schema-generator';

type Schemas = Record<string, Definition>;

/** The contract's types that other languages read and write; the schema has those they mention as well. */
const TYPES = [
  'MonitorOutboundCallInput',
  'MonitorOutboundCallResult',
  'MonitorProgress',
  'MonitorFailureDetails',
  'FailureType',
  'NotifyWhenEndedInput',
  'CompletionSignal',
  'ReadMonitorInput',
  'ReadMonitorResult',
];

/** The text of `temporal-polyai/schemas/monitor.json`: a JSON Schema of the monitor's messages, from the types in `src/contract`. */
export async function generateMonitorSchema(): Promise<string> {
  const { MonitorOutboundCallInput: input, ...others } = definitionsOf(TYPES, { additionalProperties: true });
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'The monitor of a PolyAI outbound call',
    description:
      'What workflow type `monitorOutboundCall` takes, returns, answers and sends, in `$defs`. Fields may be added: ignore those that you do not know.',
    $defs: { MonitorOutboundCallInput: withNullableOptions(input!), ...others },
  };
  return format(JSON.stringify(schema), { parser: 'json', printWidth: 120 });
}

/** The text of `temporal-polyai/schemas/regional-rule.json`, for editors of files with such rules. */
export async function generateRegionalRuleSchema(): Promise<string> {
  const { RegionalRule: rule, ...others } = definitionsOf(['RegionalRule'], { additionalProperties: false });
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A regional rule',
    ...rule,
    $defs: others,
  };
  return format(JSON.stringify(schema), { parser: 'json', printWidth: 120 });
}

function definitionsOf(types: readonly string[], { additionalProperties }: { additionalProperties: boolean }): Schemas {
  const generator = createGenerator({
    path: fileURLToPath(new URL('../../src/contract/*.ts', import.meta.url)),
    tsconfig: fileURLToPath(new URL('../../tsconfig.json', import.meta.url)),
    additionalProperties,
    skipTypeCheck: true,
  });
  const found = Object.assign({}, ...types.map((type) => generator.createSchema(type).definitions)) as Schemas;
  // The generator writes draft 7; of what it uses here, only the place of the definitions is another in 2020-12.
  return JSON.parse(JSON.stringify(found).replaceAll('"#/definitions/', '"#/$defs/')) as Schemas;
}

/** The monitor reads `null` as absent: some languages send it for a field without a value. */
function withNullableOptions(schema: Definition): Definition {
  if (!schema.properties) return schema;
  const properties = Object.entries(schema.properties as Schemas).map(([name, property]) => {
    if (schema.required?.includes(name)) return [name, property];
    const { description, default: byDefault, ...accepted } = withNullableOptions(property);
    const annotations = { ...(description && { description }), ...(byDefault !== undefined && { default: byDefault }) };
    return [name, { ...annotations, anyOf: [accepted, { type: 'null' }] }];
  });
  return { ...schema, properties: Object.fromEntries(properties) as Schemas };
}
