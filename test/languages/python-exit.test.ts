import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { expect, inject, test } from 'vitest';

import { useDevServerRig } from '../support/dev-server-rig.js';

const rig = useDevServerRig({ searchAttributes: false });
const cwd = fileURLToPath(new URL('../../examples/python', import.meta.url));

/** Runs the backend; each thread of the SDK that has woken its event loop is still in Python when it exits. */
const WITH_LATE_THREADS = `
import runpy, threading, time
from asyncio.selector_events import BaseSelectorEventLoop

wake = BaseSelectorEventLoop._write_to_self

def wake_and_linger(loop):
    wake(loop)
    while threading.get_ident() != threading.main_thread().ident:
        time.sleep(0.001)

BaseSelectorEventLoop._write_to_self = wake_and_linger
runpy.run_module("outbound_calls.backend", run_name="__main__", alter_sys=True)
`;

test('the backend in Python exits in order, though threads of the SDK do not', async () => {
  const { address, namespace } = rig().server;
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  const call = { callSid: 'OUT-late' };
  rig().remember(`outbound-call-${call.callSid}`);

  const { stdout } = await rig().whileWorking(() =>
    execa({ cwd, env, lines: true })(`${inject('pythonBinPath')}/python`, [
      '-c',
      WITH_LATE_THREADS,
      JSON.stringify(call),
    ]),
  );

  expect(stdout).toEqual([expect.stringContaining('progress'), expect.stringContaining('CallNotFound')]);
});
