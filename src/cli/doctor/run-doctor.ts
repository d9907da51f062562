import { EXIT_CODES, type ExitCode } from '../exit-codes.js';
import type { CheckResult } from './check.js';
import { hideSecrets, secretsOf } from './hide-secrets.js';
import { readInstallation } from './read-installation.js';
import { asJson, renderResult, renderSummary } from './render-report.js';
import { startChecks } from './start-checks.js';

export interface RunDoctorOptions {
  readonly taskQueue: string | undefined;
  readonly json: boolean;
}

/** Checks the installation from end to end and prints what it finds, each line as soon as it is known. */
export async function runDoctor({ taskQueue, json }: RunDoctorOptions): Promise<ExitCode> {
  const installation = readInstallation(taskQueue);
  const { checks, close } = startChecks(installation);
  const secrets = await secretsOf(installation);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const results: CheckResult[] = [];
  for (const { name, finding } of checks) {
    const result = { name, ...hideSecrets(await finding, secrets) };
    results.push(result);
    if (!json) console.log(renderResult(result, width));
  }
  await close();
  console.log(json ? asJson(results) : `\n${renderSummary(results)}`);
  return exitCodeOf(results);
}

/** A warning is no failure. */
function exitCodeOf(results: readonly CheckResult[]): ExitCode {
  const failures = results.filter(({ state }) => state === 'failure');
  if (failures.length === 0) return EXIT_CODES.done;
  return failures.every(({ name }) => name === 'configuration') ? EXIT_CODES.usage : EXIT_CODES.error;
}
