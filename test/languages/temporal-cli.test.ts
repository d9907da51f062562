import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, inject, test } from 'vitest';

import { useDevServerRig } from '../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });
const page = readFileSync(
  fileURLToPath(new URL('../../docs/how-to/use-from-other-languages.md', import.meta.url)),
  'utf8',
);

const callSid = 'OUT-550e8400';

/** Runs the command of the page that begins so, with output as JSON. */
async function run(beginning: string): Promise<Record<string, unknown>> {
  const found = page
    .replaceAll('\\\n', '')
    .split('\n')
    .find((line) => line.startsWith(beginning));
  if (found === undefined) throw new Error(`the page has no command that begins with ${beginning}`);
  const command = `${found.replace('temporal', '"$0"').replace(/#.*/, '')} --output json`;
  const { address, namespace } = rig().server;
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const { stdout } = await execa('sh', ['-c', command, inject('temporalCliPath')], { env });
  return stdout === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
}

test('the commands of the page cancel a monitor, start it again, query it and await it, and start no third', async () => {
  rig().remember(`outbound-call-${callSid}`);
  rig().simulator.addCall(callSid, { statuses: [{ status: 'calling', forMs: Infinity }] });
  await rig().whileWorking(async () => {
    const first = await run('temporal workflow start');
    const joined = await run('temporal workflow start');
    await run('temporal workflow cancel');
    await expect(run('temporal workflow result')).rejects.toThrow();
    const second = await run('temporal workflow start');
    const progress = await run('temporal workflow query');
    await run('temporal workflow signal');
    rig().simulator.addCall(callSid, { statuses: [{ status: 'success' }] });
    const result = await run('temporal workflow result');
    const late = await run('temporal workflow start');

    expect(joined['runId']).toBe(first['runId']);
    expect(second['runId']).not.toBe(first['runId']);
    expect(late['runId']).toBe(second['runId']);
    expect(progress).toMatchObject({ queryResult: [{ callSid }] });
    expect(result).toMatchObject({ status: 'COMPLETED', result: { callSid, status: 'success' } });
  });
});
