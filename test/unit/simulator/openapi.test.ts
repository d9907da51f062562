import { describe, expect, test } from 'vitest';

import { IN_PROGRESS_STATUSES, TERMINAL_STATUSES } from '../../../src/contract/call.js';
import { apiDifferences, readOpenApi } from './api-structure.js';

/**
 * The OpenAPI description that ships with the simulator, as a document. That the simulator keeps to it is tested in
 * test/e2e/simulator/openapi.slow.test.ts.
 *
 * PolyAI's published contract is not part of this project. When POLYAI_OPENAPI_CONTRACT names a copy of it, the
 * description is compared with it as well.
 */

interface Description {
  paths: Record<string, { get?: unknown; post?: unknown }>;
  components: {
    schemas: {
      CallStatus: { properties: { status: { enum: string[] } }; required: string[] };
      CallRequest: { properties: Record<string, unknown> };
    };
  };
}

const description = readOpenApi(new URL('../../../src/simulator/openapi.json', import.meta.url));

const vendorContract = process.env['POLYAI_OPENAPI_CONTRACT'];

/** Differences from the vendor's contract that are wanted, and why. */
const DELIBERATE_DIFFERENCES: readonly { readonly at: RegExp; readonly reason: string }[] = [
  {
    at: /^CREATE .* responses > \d+ > headers$/,
    reason: 'the simulator sends headers that the vendor does not describe',
  },
  {
    at: /^CREATE .* responses > \d+ > content > application\/json > schema > required$/,
    reason: 'the simulator always sends every field; the vendor promises none',
  },
  {
    at: /^CREATE .* properties > call_sid > (pattern|maxLength)$/,
    reason: 'the vendor gives the prefix in prose, and the mock has to generate call SIDs that the client accepts',
  },
  {
    at: /^CREATE .*\/status > get > responses > (307|429|503|default)$/,
    reason: 'faults produce what a proxy or an overloaded service answers',
  },
  {
    at: /^CREATE .* properties > metadata > properties$/,
    reason: 'a metadata key of the simulator holds the script of the call',
  },
];

/** The description with one edit. */
function edited(edit: (copy: Description) => void) {
  const copy = structuredClone(description);
  edit(copy as unknown as Description);
  return copy;
}

test('the statuses of the description are those of the contract', () => {
  const { enum: statuses } = (description as unknown as Description).components.schemas.CallStatus.properties.status;
  expect(statuses).toEqual([...IN_PROGRESS_STATUSES, ...TERMINAL_STATUSES]);
});

describe('the comparison of two descriptions', () => {
  test('rejects a document that is not valid OpenAPI', async () => {
    const invalid = edited((copy) => Object.assign(copy.paths, { 'no-slash': {} }));
    await expect(apiDifferences(description, invalid)).rejects.toThrow('not a valid OpenAPI document');
  });

  test('finds no difference between a valid document and itself, in other words and in another order', async () => {
    const reworded = edited(({ components: { schemas } }) => {
      Object.assign(schemas.CallStatus, { description: 'Other words.' });
      schemas.CallStatus.properties.status.enum.reverse();
      schemas.CallStatus.required.reverse();
    });
    expect(await apiDifferences(description, reworded)).toEqual([]);
  });

  test.each<[string, (copy: Description) => void, string]>([
    ['path', ({ paths }) => delete paths['/v1/outbound-calling'], 'REMOVE paths > /v1/outbound-calling'],
    ['method', ({ paths }) => delete paths['/v1/outbound-calling']!.post, 'REMOVE paths > /v1/outbound-calling > post'],
    [
      'enum value',
      ({ components }) => components.schemas.CallStatus.properties.status.enum.push('voicemail'),
      'enum > 4',
    ],
    ['required field', ({ components }) => components.schemas.CallStatus.required.pop(), 'schema > required > 1'],
    [
      'field that has the name of a keyword',
      ({ components }) => (components.schemas.CallRequest.properties['description'] = { type: 'string' }),
      'CREATE paths > /v1/outbound-calling > post > requestBody > content > application/json > schema > properties > description',
    ],
  ])('finds a changed %s', async (_what, edit, difference) => {
    expect(await apiDifferences(description, edited(edit))).toContainEqual(expect.stringContaining(difference));
  });
});

if (vendorContract) {
  describe('against the contract that PolyAI publishes', () => {
    test('the description differs only where it is meant to, and everywhere that it is meant to', async () => {
      const differences = await apiDifferences(readOpenApi(vendorContract), description);
      const isDeliberate = (difference: string) => DELIBERATE_DIFFERENCES.some(({ at }) => at.test(difference));

      expect(differences.filter((difference) => !isDeliberate(difference))).toEqual([]);
      const outdated = DELIBERATE_DIFFERENCES.filter(
        ({ at }) => !differences.some((difference) => at.test(difference)),
      );
      expect(outdated).toEqual([]);
    });
  });
}
