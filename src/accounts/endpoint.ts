import { z } from 'zod';

import { parseBaseUrl, type PolyAiRegion, REGION_BASE_URLS } from '../polyai/regions.js';

const REGIONS = Object.keys(REGION_BASE_URLS) as [PolyAiRegion, ...PolyAiRegion[]];

/** For messages. */
export const REGION_LIST = REGIONS.join(', ');

export const regionSchema = z.enum(REGIONS, `must be one of ${REGION_LIST}`);

export const baseUrlSchema = z.string('must be text').transform((value, context) => {
  try {
    return parseBaseUrl(value);
  } catch (error) {
    context.addIssue(`is not usable: ${(error as TypeError).message}`);
    return z.NEVER;
  }
});
