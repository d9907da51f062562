import { request } from 'undici';
import { onTestFinished } from 'vitest';

import { type Simulator, type SimulatorOptions, startSimulator } from '../../../src/simulator.js';

export const START = Date.UTC(2026, 0, 15, 12);

/** A simulator whose clock moves only when told to; it closes with the test. */
export async function simulatorUnderTest(options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = await startSimulator({ now: () => START, ...options });
  onTestFinished(() => simulator.close());
  return simulator;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface Call {
  readonly method?: 'GET' | 'POST' | 'DELETE';
  readonly token?: string | undefined;
  readonly body?: string;
}

/** Sends one request with the simulator's token, or with `token` if that key is there, and reads a JSON answer. */
export async function send(simulator: Simulator, path: string, options: Call = {}): Promise<Answer> {
  const token = 'token' in options ? options.token : simulator.token;
  const { statusCode, headers, body } = await request(`${simulator.url}${path}`, {
    method: options.method ?? 'GET',
    headers: token === undefined ? {} : { 'X-PolyAi-Auth-Token': token },
    body: options.body ?? null,
  });
  return { status: statusCode, headers, body: await body.json() };
}

export function statusPath(callSid: string): string {
  return `/v1/outbound-calling/${callSid}/status`;
}

export function getStatus(simulator: Simulator, callSid: string, options: Call = {}): Promise<Answer> {
  return send(simulator, statusPath(callSid), options);
}

export function trigger(simulator: Simulator, body: unknown, options: Call = {}): Promise<Answer> {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return send(simulator, '/v1/outbound-calling', { method: 'POST', body: text, ...options });
}
