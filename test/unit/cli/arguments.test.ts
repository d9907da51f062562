import { describe, expect, it } from 'vitest';

import {
  callSidArgument,
  durationArgument,
  portArgument,
  probabilityArgument,
  seedArgument,
} from '../../../src/cli/arguments.js';

describe('the arguments of the command line', () => {
  it('hold numbers as they are meant', () => {
    expect(portArgument('0')).toBe(0);
    expect(portArgument('65535')).toBe(65_535);
    expect(seedArgument('42')).toBe(42);
    expect(probabilityArgument('.25')).toBe(0.25);
    expect(durationArgument('deadline')('90 s')).toBe(90_000);
    expect(durationArgument('notFoundGrace')('0s')).toBe(0);
  });

  it.each(['-1', '65536', '80.5', '1e3', '0x10', '', 'http'])('are no port when they are "%s"', (value) => {
    expect(() => portArgument(value)).toThrow('It must be a whole number from 0 to 65535.');
  });

  it.each(['1.1', '-0.1', '20%', ''])('are no share when they are "%s"', (value) => {
    expect(() => probabilityArgument(value)).toThrow('It must be a number from 0 to 1.');
  });

  it.each(['3', '0s', '6m', 'soon', '-3s'])('are no polling interval when they are "%s"', (value) => {
    expect(() => durationArgument('polling.interval')(value)).toThrow('from 250 ms to 5 min');
  });

  it('name what a call SID looks like', () => {
    expect(callSidArgument('OUT-a_b-1')).toBe('OUT-a_b-1');
    expect(() => callSidArgument('IN-1')).toThrow('starts with "OUT-"');
  });
});
