import { type Simulator, startSimulator } from '../../simulator/server.js';
import { childEnvironment, hasPolyAiAccess } from '../../worker/config.js';
import { CliError } from '../cli-error.js';
import type { DevOptions } from './run-dev.js';
import { readSimulatedCalls, writeSimulatedCalls } from './simulated-calls.js';

/** The API that `dev` works with. */
export interface DevPolyAi {
  /** Absent with the real API. */
  readonly simulator?: Simulator;
  readonly workerEnvironment: NodeJS.ProcessEnv;
  readonly close?: () => Promise<void>;
}

/** The API that the environment names together with a token, else the simulator. */
export async function openPolyAi({ data, simulatorPort }: DevOptions): Promise<DevPolyAi> {
  if (hasPolyAiAccess()) return { workerEnvironment: childEnvironment({}, /^$/) };
  const simulator = await startSimulator({ port: simulatorPort }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(`the simulator cannot listen; choose another port with --simulator-port: ${reason}`);
  });
  const file = `${data}.simulated-calls.json`;
  for (const callSid of await readSimulatedCalls(file)) simulator.addCall(callSid);
  const access = { POLYAI_AUTH_TOKEN: simulator.token, POLYAI_BASE_URL: simulator.url };
  return {
    simulator,
    workerEnvironment: childEnvironment(access, /^POLYAI_(AUTH_TOKEN|AUTH_TOKEN_FILE|REGION|BASE_URL|ACCOUNTS_FILE)$/),
    close: async () => {
      await writeSimulatedCalls(file, simulator);
      await simulator.close();
    },
  };
}
