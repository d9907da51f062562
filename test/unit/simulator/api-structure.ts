import { readFileSync } from 'node:fs';
import { Validator } from '@seriousme/openapi-schema-validator';
import diff from 'microdiff';

/** An OpenAPI document as JSON. */
export type OpenApiDocument = Record<string, unknown>;

/** Keywords that explain an API and do not change it. */
const PROSE_KEYWORDS = new Set(['description', 'summary', 'example', 'examples', 'tags']);

/** Shared, because it takes half a second to compile the schema of an OpenAPI version. */
const validator = new Validator();

export function readOpenApi(file: string | URL): OpenApiDocument {
  return JSON.parse(readFileSync(file, 'utf8')) as OpenApiDocument;
}

/**
 * Compares what two OpenAPI documents say about paths, methods, parameters, status codes, headers, schemas and
 * authentication. Prose, the order of enum values and required fields, and the place of shared components play no part.
 *
 * @returns one line for each difference: `CREATE`, `REMOVE` or `CHANGE`, and where
 * @throws {Error} for a document that is not valid OpenAPI, or has a reference that leads nowhere
 */
export async function apiDifferences(from: OpenApiDocument, to: OpenApiDocument): Promise<string[]> {
  const [before, after] = [await apiStructure(from), await apiStructure(to)];
  return diff(before, after).map(({ type, path }) => `${type} ${path.join(' > ')}`);
}

async function apiStructure(document: OpenApiDocument): Promise<OpenApiDocument> {
  const { valid, errors } = await validator.validate(structuredClone(document));
  if (!valid) throw new Error(`not a valid OpenAPI document: ${JSON.stringify(errors)}`);
  const { paths, security, components } = validator.resolveRefs();
  const { securitySchemes } = components as OpenApiDocument;
  return withoutProse({ paths, security, securitySchemes }) as OpenApiDocument;
}

/** @param isNameMap whether the keys of `value` are names of the API's own fields, so that none is a keyword */
function withoutProse(value: unknown, isNameMap = false): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => withoutProse(item));
    return items.every((item) => typeof item === 'string') ? items.sort() : items;
  }
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).filter(([key]) => isNameMap || !PROSE_KEYWORDS.has(key));
  return Object.fromEntries(
    entries.map(([key, item]) => [key, withoutProse(item, key === 'properties' && !isNameMap)]),
  );
}
