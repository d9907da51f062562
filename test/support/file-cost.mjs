import { appendFileSync } from 'node:fs';
import { afterAll, beforeAll, expect } from 'vitest';

import { cpuSeconds } from '../../scripts/cpu-seconds.mjs';

/** A setup file of `npm run test:profile`: appends what each test file took to the file in `FILE_COSTS`. */
const start = cpuSeconds();
let imported = start;

beforeAll(() => {
  imported = cpuSeconds();
});

// The hook that is registered first runs last.
afterAll(() => {
  const end = cpuSeconds();
  const cost = {
    file: expect.getState().testPath,
    imports: imported.own - start.own,
    tests: end.own - imported.own,
    processes: end.children - start.children,
  };
  appendFileSync(process.env.FILE_COSTS, `${JSON.stringify(cost)}\n`);
});
