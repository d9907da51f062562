import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** A running Prism. */
export interface Prism {
  readonly url: string;
  close(): Promise<void>;
}

const START_TIMEOUT_MS = 30_000;

/** Starts `prism mock …` or `prism proxy …` on a free port; rejects with what it printed when it does not come up. */
export async function startPrism(...args: readonly string[]): Promise<Prism> {
  const child = spawn(process.execPath, [prismCommand(), ...args, '--host', '127.0.0.1', '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const closed = once(child, 'close');
  const close = async (): Promise<void> => {
    child.kill();
    await closed;
  };
  let printed = '';
  const url = new Promise<string>((resolve, reject) => {
    const giveUp = (): void => reject(new Error(`Prism did not start:\n${printed}`));
    const timer = setTimeout(giveUp, START_TIMEOUT_MS);
    const read = (chunk: Buffer): void => {
      printed += chunk.toString();
      const listening = /Prism is listening on (http:\/\/\S+)/.exec(printed)?.[1];
      if (listening) resolve(listening);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    void closed.then(giveUp).finally(() => clearTimeout(timer));
  });
  try {
    return { url: await url, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function prismCommand(): string {
  const require = createRequire(import.meta.url);
  const manifestPath = require.resolve('@stoplight/prism-cli/package.json');
  const { bin } = require(manifestPath) as { bin: { prism: string } };
  return join(dirname(manifestPath), bin.prism);
}
