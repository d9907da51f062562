import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import { inject } from 'vitest';

const ROOT = join(import.meta.dirname, '../..');

/** A project that has installed the packed package and what it needs at run time, and nothing else. */
export interface ConsumerProject {
  readonly folder: string;
  /** Files of the tarball, relative to the package. */
  readonly packedFiles: readonly string[];
  /** Adds a package that is installed in another folder. */
  link(name: string, from: string): Promise<void>;
  write(file: string, source: string): Promise<string>;
  /** Runs a file of the project and gives what it printed, parsed. */
  runJson(file: string, args?: readonly string[]): Promise<unknown>;
  run(file: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string>;
  remove(): Promise<void>;
}

/** The optional peers of a project with a worker. */
export const WORKER_PEERS = ['activity', 'envconfig', 'worker', 'workflow'].map((name) => `@temporalio/${name}`);

/**
 * Creates such a project.
 *
 * @param optionalPeers what the project has installed besides the required packages
 * @param sdkFolder where the Temporal SDK is installed that the project has
 */
export async function createConsumerProject(
  optionalPeers: readonly string[] = WORKER_PEERS,
  sdkFolder: string = ROOT,
): Promise<ConsumerProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'temporal-polyai-consumer-')));
  const installed = join(folder, 'node_modules/temporal-polyai');
  await mkdir(installed, { recursive: true });
  const tarball = inject('tarballPath');
  await execa('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  const listed = await execa({ lines: true })('tar', ['-tzf', tarball]);
  await linkDependencies(installed, folder, optionalPeers, sdkFolder);

  const inProject = async (file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<string> => {
    return (await execa(process.execPath, [join(folder, file), ...args], { cwd: folder, env })).stdout;
  };
  return {
    folder,
    packedFiles: listed.stdout.map((file) => file.replace(/^package\//, '')),
    link: (name, from) => linkPackage(name, from, folder),
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

async function linkDependencies(
  installed: string,
  folder: string,
  optionalPeers: readonly string[],
  sdkFolder: string,
): Promise<void> {
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
  const { dependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const isInstalled = (name: string) => !peerDependenciesMeta[name]?.optional || optionalPeers.includes(name);
  for (const name of Object.keys({ ...dependencies, ...peerDependencies }).filter(isInstalled)) {
    await linkPackage(name, name.startsWith('@temporalio/') ? sdkFolder : ROOT, folder);
  }
}

async function linkPackage(name: string, from: string, folder: string): Promise<void> {
  const path = join(folder, 'node_modules', name);
  await mkdir(dirname(path), { recursive: true });
  await symlink(join(from, 'node_modules', name), path, 'dir');
}
