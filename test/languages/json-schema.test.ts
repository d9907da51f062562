import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, inject, test } from 'vitest';

const cwd = fileURLToPath(new URL('../../examples/python', import.meta.url));
const schema = fileURLToPath(new URL('../../src/contract/monitor.schema.json', import.meta.url));

async function check(input: object): Promise<string> {
  const args = ['-m', 'outbound_calls.check_input', schema, JSON.stringify(input)];
  const { stderr, message = stderr } = await execa(`${inject('pythonBinPath')}/python`, args, { cwd, reject: false });
  return message;
}

test("Python's jsonschema takes the schema, and checks inputs by it", async () => {
  expect(await check({ callSid: 'OUT-550e8400', polling: { interval: '3s' }, deadline: 7_200_000 })).toBe('');
  expect(await check({ callSid: 'IN-550e8400' })).toContain("'IN-550e8400' does not match");
  expect(await check({ deadline: '2h' })).toContain("'callSid' is a required property");
});
