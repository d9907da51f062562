import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const cache = fileURLToPath(new URL('../../node_modules/.cache/temporal-polyai/', import.meta.url));

/**
 * A virtual environment with the requirements of a file, installed once for each version of them: gives its `bin` folder. Needs
 * pip, but not `ensurepip`, which Debian has in another package.
 */
export async function createPythonEnvironment(requirements: string): Promise<string> {
  const { stdout: version } = await execa('python3', ['--version']);
  const hash = createHash('sha256').update(version).update(readFileSync(requirements)).digest('hex').slice(0, 12);
  const folder = `${cache}${basename(requirements, '.txt')}-${hash}`;
  const installed = `${folder}/installed`;
  if (!existsSync(installed)) {
    mkdirSync(folder, { recursive: true });
    await execa('python3', ['-m', 'venv', '--without-pip', '--clear', folder]);
    const pip = ['-m', 'pip', '--python', `${folder}/bin/python`, 'install', '--quiet', '--disable-pip-version-check'];
    await execa('python3', [...pip, '--require-hashes', '--only-binary', ':all:', '-r', requirements]);
    writeFileSync(installed, '');
  }
  return `${folder}/bin`;
}
