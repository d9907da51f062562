import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(import.meta.dirname, '../..');

/** A project that has installed the packed package and what it needs at run time, and nothing else. */
export interface ConsumerProject {
  /** Files of the tarball, relative to the package. */
  readonly packedFiles: readonly string[];
  write(file: string, source: string): Promise<string>;
  /** Runs a file of the project and gives what it printed, parsed. */
  runJson(file: string): Promise<unknown>;
  run(file: string, args: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

/** Packs `dist/` as it is: the build comes before. */
export async function createConsumerProject(): Promise<ConsumerProject> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'temporal-polyai-consumer-')));
  const installed = join(folder, 'node_modules/temporal-polyai');
  await mkdir(installed, { recursive: true });
  const packed = await run('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
    cwd: ROOT,
  });
  const tarball = join(folder, packed.stdout.trim());
  await run('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  const listed = await run('tar', ['-tzf', tarball]);
  await linkDependencies(installed, folder);

  const inProject = async (file: string, args: readonly string[]): Promise<string> => {
    const { stdout } = await run(process.execPath, [join(folder, file), ...args], { cwd: folder });
    return stdout;
  };
  return {
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
    runJson: async (file) => JSON.parse(await inProject(file, [])) as unknown,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional?: boolean }>>;
}

async function linkDependencies(installed: string, folder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as Manifest;
  const required = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }).filter(
    (name) => !manifest.peerDependenciesMeta[name]?.optional,
  );
  for (const name of required) {
    await mkdir(dirname(join(folder, 'node_modules', name)), { recursive: true });
    await symlink(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name), 'dir');
  }
}
