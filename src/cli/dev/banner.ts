import { DEFAULT_TASK_QUEUE } from '../../contract/names.js';
import { shownOutcomesUrl } from '../../outcomes/url.js';
import type { Simulator } from '../../simulator/server.js';
import type { WorkerConfig } from '../../worker/config.js';
import type { DevTemporal } from './open-temporal.js';

export interface BannerInput {
  readonly temporal: DevTemporal;
  readonly simulator: Simulator | undefined;
  readonly config: WorkerConfig;
  readonly data: string;
}

/** Where everything is, and what to type next. */
export function renderBanner({ temporal, simulator, config, data }: BannerInput): string {
  const { address, namespace, uiUrl, isOwn } = temporal;
  const { taskQueue, accounts } = config;
  const kept = shownOutcomesUrl(config.outcomesUrl);
  const environment = [
    `TEMPORAL_ADDRESS=${address}`,
    ...(namespace === 'default' ? [] : [`TEMPORAL_NAMESPACE=${namespace}`]),
    ...(taskQueue === DEFAULT_TASK_QUEUE ? [] : [`POLYAI_TASK_QUEUE=${taskQueue}`]),
  ].join(' ');
  return [
    '',
    `Temporal   ${address}, namespace "${namespace}"${isOwn ? `, data in ${data}` : ''}`,
    ...(uiUrl ? [`Web UI     ${uiUrl}`] : []),
    simulator
      ? `Simulator  ${simulator.url}, in place of the PolyAI API`
      : `PolyAI     ${[...new Set(accounts.map(({ baseUrl }) => baseUrl))].join(', ')}`,
    `Worker     polls task queue "${taskQueue}"`,
    `Outcomes   ${kept === 'off' ? 'are not kept' : `in ${kept}`}`,
    '',
    ...(simulator ? ['Trigger a simulated call:', `  ${triggerCommand(simulator)}`, ''] : []),
    'Monitor it, with the call_sid that came back:',
    `  ${environment} npx temporal-polyai monitor OUT-…`,
    '',
    'Ctrl-C ends everything.',
  ].join('\n');
}

function triggerCommand({ url, token }: Simulator): string {
  const headers = `-H 'X-PolyAi-Auth-Token: ${token}' -H 'content-type: application/json'`;
  return `curl ${url}/v1/outbound-calling ${headers} -d '{"to_number":"+12025550123"}'`;
}
