import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

/** A project that has installed the packed package and what it needs at run time, and nothing else. */
export interface ConsumerProject {
  readonly folder: string;
  /** Files of the tarball, relative to the package. */
  readonly packedFiles: readonly string[];
  write(file: string, source: string): Promise<string>;
  /** Runs a file of the project and gives what it printed, parsed. */
  runJson(file: string, args?: readonly string[]): Promise<unknown>;
  run(file: string, args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** The optional peers of a project with a worker. */
const WORKER_PEERS = ['activity', 'envconfig', 'worker', 'workflow'].map((name) => `@temporalio/${name}`);

/**
 * Packs `dist/` as it is: the build comes before.
 *
 * @param optionalPeers what the project has installed besides the required packages
 */
export async function createConsumerProject(optionalPeers: readonly string[] = WORKER_PEERS): Promise<ConsumerProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'temporal-polyai-consumer-')));
  const installed = join(folder, 'node_modules/temporal-polyai');
  await mkdir(installed, { recursive: true });
  const packed = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const tarball = join(folder, packed.stdout.trim());
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  const listed = await run('tar', ['-tzf', tarball]);
  await linkDependencies(installed, folder, optionalPeers);

  const inProject = async (file: string, args: readonly string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [join(folder, file), ...args], { cwd: folder });
    return stdout;
  };
  return {
    folder,
    packedFiles: listed.stdout
      .trim()
      .split('\n')
      .map((file) => file.replace(/^package\//, '')),
    write: async (file, source) => {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(join(folder, file), source);
      return join(folder, file);
    },
    run: inProject,
    runJson: async (file, args = []) => JSON.parse(await inProject(file, args)) as unknown,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

async function linkDependencies(installed: string, folder: string, optionalPeers: readonly string[]): Promise<void> {
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const isInstalled = (name: string) => !peerDependenciesMeta[name]?.optional || optionalPeers.includes(name);
  for (const name of Object.keys({ ...dependencies, ...peerDependencies }).filter(isInstalled)) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), 'dir');
  }
}
