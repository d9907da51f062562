import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { DEFAULT_CALLS_AT_ONCE } from '../../src/activities/worker-options.js';
import { cachedWorkflowsFor } from '../../src/activities/workflow-cache.js';
import { loadWorkerConfig, type WorkerConfig } from '../../src/worker/config.js';
import { namesIn } from './docs/documented.js';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = 'deploy/kubernetes';
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const readYaml = (file: string): unknown => parse(read(join(FOLDER, file)));

const reference = z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) });
const variable = z.object({ name: z.string(), value: z.string().optional(), valueFrom: reference.optional() });
const environment = z.array(variable).default([]);
const mounts = z.array(z.object({ name: z.string(), mountPath: z.string() })).default([]);
const secretVolume = z.object({
  name: z.string(),
  secret: z.object({
    secretName: z.string(),
    items: z.array(z.object({ key: z.string(), path: z.string() })).default([]),
    optional: z.boolean().default(false),
  }),
});
const labels = z.record(z.string(), z.string());
const selector = z.object({ matchLabels: labels });
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });

/** A strategic merge patch of the Deployment. */
const podPatch = z.object({
  containers: z.tuple([z.object({ name: z.string(), env: environment, volumeMounts: mounts })]),
  volumes: z.array(secretVolume).default([]),
});
const templatePatch = z.object({ metadata: z.object({ annotations: labels }).optional(), spec: podPatch });
const deploymentPatch = z.object({ spec: z.object({ template: templatePatch }) });

const workerContainer = z.object({
  name: z.string(),
  image: z.string(),
  env: environment,
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })),
  ports: z.array(z.object({ name: z.string(), containerPort: z.number() })),
  startupProbe: probe,
  livenessProbe: probe,
  readinessProbe: probe,
  resources: z.object({ limits: z.object({ memory: z.string().regex(/^\d+Gi$/) }) }),
  volumeMounts: mounts,
});
const podTemplate = z.object({
  metadata: z.object({ labels, annotations: labels }),
  spec: z.object({
    securityContext: z.object({ runAsUser: z.number(), runAsGroup: z.number() }),
    topologySpreadConstraints: z.array(z.object({ labelSelector: selector })),
    containers: z.tuple([workerContainer]),
    volumes: z.array(secretVolume),
  }),
});
const { spec: deployment } = z
  .object({ spec: z.object({ selector, template: podTemplate }) })
  .parse(readYaml('deployment.yaml'));
const { spec: pod, metadata } = deployment.template;
const [container] = pod.containers;

const kustomization = z
  .object({
    resources: z.array(z.string()),
    configMapGenerator: z.array(z.object({ name: z.string(), literals: z.array(z.string()) })),
  })
  .parse(readYaml('kustomization.yaml'));

const componentPatch = (file: string) => deploymentPatch.parse(readYaml(file)).spec.template.spec;
const clientCertificate = componentPatch('mtls/client-certificate.yaml');
const accountsFile = componentPatch('accounts/accounts.yaml');

const page = read('docs/how-to/run-in-kubernetes.md');
/** What the page has the reader write to `secrets.env`. */
const secrets = [...page.matchAll(/^ *((?:POLYAI|TEMPORAL|OTEL)_[A-Z_]+)=/gm)].map(([, name]) => name!);

const documented = z.object({
  kind: z.literal('Kustomization').optional(),
  namespace: z.string().optional(),
  resources: z.array(z.string()).default([]),
  components: z.array(z.string()).default([]),
  images: z.array(z.object({ name: z.string(), newName: z.string().optional(), newTag: z.string() })).default([]),
  generatorOptions: z.object({ disableNameSuffixHash: z.literal(true) }).optional(),
  configMapGenerator: z
    .array(z.object({ name: z.literal('polyai-worker'), behavior: z.literal('merge'), literals: z.array(z.string()) }))
    .default([]),
  patches: z.array(z.object({ target: z.unknown().optional(), patch: z.string() })).default([]),
});
type Documented = z.infer<typeof documented>;

const blocks = [...page.matchAll(/^( *)```yaml\n([\s\S]*?)^\1```/gm)].map(([, , text = '']) => ({
  file: /^ *# (\S+)\n/.exec(text)?.[1],
  yaml: parse(text) as { readonly kind?: string },
}));
const documentedParts = blocks.flatMap(({ file, yaml }) =>
  yaml.kind === undefined || yaml.kind === 'Kustomization' ? [{ file, part: documented.parse(yaml) }] : [],
);
/** The kustomizations of the page by folder. The first is the one that the others build on, and its file is named in the text. */
const kustomizations = new Map(
  documentedParts.flatMap(({ file, part }, index) =>
    part.kind ? [[index === 0 ? 'calls' : dirname(file ?? '?'), part] as const] : [],
  ),
);
const calls = kustomizations.get('calls')!;
/** What the page adds to `calls/kustomization.yaml`, a field of which replaces the field there. */
const additions = documentedParts.flatMap(({ part }) => (part.kind || part.generatorOptions ? [] : [part]));

/** A kustomization and all that it builds on, the base of the package excluded. The first is the innermost. */
function layersOf(folder: string): Documented[] {
  const own = kustomizations.get(folder);
  if (!own) throw new Error(`the page has no kustomization in ${folder}`);
  const folders = own.resources.filter((resource) => resource.startsWith('../'));
  return [...folders.flatMap((resource) => layersOf(join(folder, resource))), own];
}

function settingsOf(layers: readonly Documented[]): (readonly [string, string])[] {
  const literals = [...kustomization.configMapGenerator, ...layers.flatMap((layer) => layer.configMapGenerator)];
  return literals.flatMap((generator) =>
    generator.literals.map((literal) => [literal.split('=', 1)[0]!, literal.slice(literal.indexOf('=') + 1)] as const),
  );
}

/** The patches of a Deployment that a kustomization has, by a component or inline. */
function patchesOf({ components, patches }: Documented) {
  const files = { 'polyai-worker/mtls': clientCertificate, 'polyai-worker/accounts': accountsFile };
  const ofComponents = components.map((component) => files[component as keyof typeof files]);
  const inline = patches.flatMap(({ target, patch }) =>
    target === undefined ? [deploymentPatch.parse(parse(patch)).spec.template.spec] : [],
  );
  return [...ofComponents, ...inline];
}

/** What the container gets, with these layers of kustomizations. */
function environmentOf(layers: readonly Documented[]): Record<string, string> {
  const ofSecret: Record<string, string> = { POLYAI_OUTCOMES_URL: 'postgres://localhost/calls', TEMPORAL_API_KEY: 'k' };
  const patched = layers.flatMap(patchesOf).flatMap(({ containers }) => containers[0].env);
  const own = [...container.env, ...patched].flatMap(({ name, value, valueFrom }) => {
    const given = value ?? ofSecret[valueFrom!.secretKeyRef.key];
    return given === undefined ? [] : [[name, given] as const];
  });
  return Object.fromEntries([...settingsOf(layers), ...own]);
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'));
  const [json] = /(?<=```json\n)[\s\S]*?(?=```)/.exec(page) ?? [];
  writeFileSync(join(folder, 'accounts.json'), json!);
  for (const token of ['token', ...Object.keys(JSON.parse(json!) as object)]) {
    writeFileSync(join(folder, token), 'a-token\n');
  }
  return () => rmSync(folder, { recursive: true });
});

/** Reads the configuration as the worker does, with files of the test in place of those that are mounted. */
function configOf(layers: readonly Documented[]): WorkerConfig {
  const { POLYAI_AUTH_TOKEN_FILE: token, POLYAI_ACCOUNTS_FILE: accounts, ...others } = environmentOf(layers);
  return loadWorkerConfig({
    ...others,
    ...(token && { POLYAI_AUTH_TOKEN_FILE: join(folder, 'token') }),
    ...(accounts && { POLYAI_ACCOUNTS_FILE: join(folder, 'accounts.json') }),
  });
}

function mountedPath({ volumes, volumeMounts }: Mounted, key: string): string | undefined {
  const volume = volumes.find(
    ({ secret }) => secret.items.length === 0 || secret.items.some((item) => item.key === key),
  );
  const mount = volumeMounts.find(({ name }) => name === volume?.name);
  const file = volume?.secret.items.find((item) => item.key === key)?.path ?? key;
  return mount && `${mount.mountPath}/${file}`;
}

interface Mounted {
  readonly volumes: readonly z.infer<typeof secretVolume>[];
  readonly volumeMounts: z.infer<typeof mounts>;
}

const valueOf = (env: z.infer<typeof environment>, name: string) =>
  env.find((variable) => variable.name === name)?.value;

describe('the Kubernetes manifests', () => {
  it('set variables that the worker reads', () => {
    const sections = ['Environment of the worker', 'Worker versioning', 'OpenTelemetry', 'Temporal'];
    const known = new Set(sections.flatMap((section) => namesIn('configuration.md', section)));
    const set = [...kustomizations.values(), ...additions].flatMap((part) => Object.keys(environmentOf([part])));
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are a configuration that the worker accepts, with health and metrics where Kubernetes and Prometheus ask', () => {
    const { healthAddress, telemetry, outcomesUrl, deployment: version } = configOf(layersOf('calls'));

    const portNamed = (wanted: string) => container.ports.find(({ name }) => name === wanted)?.containerPort;
    expect(healthAddress).toBe(`0.0.0.0:${portNamed('health')}`);
    expect(telemetry.metricsAddress).toBe(`0.0.0.0:${portNamed('metrics')}`);
    expect(metadata.annotations).toMatchObject({ 'prometheus.io/port': String(portNamed('metrics')) });
    expect(telemetry.logFormat).toBe('json');
    expect(outcomesUrl).toMatch(/^postgres:/);
    expect(version).toBeUndefined();
  });

  it('probe paths that the worker serves, for life without Temporal and for readiness with it', () => {
    const { startupProbe, livenessProbe, readinessProbe } = container;
    const probes = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet);
    expect(probes.map(({ path }) => path)).toEqual(['/healthz', '/healthz', '/readyz']);
    expect(new Set(probes.map(({ port }) => port))).toEqual(new Set(['health']));
    expect(namesIn('configuration.md', 'Health and readiness')).toEqual(
      expect.arrayContaining(['/healthz', '/readyz']),
    );
  });

  it('take from one Secret what the page has the reader put into it, the token as a file', () => {
    const references = container.env.flatMap(({ valueFrom }) => (valueFrom ? [valueFrom.secretKeyRef] : []));
    const files = pod.volumes.flatMap(({ secret }) =>
      secret.items.map(({ key }) => ({ name: secret.secretName, key })),
    );
    const used = [...references, ...files];
    expect(used.map(({ key }) => key).sort()).toEqual([...new Set(secrets)].sort());
    for (const { name } of used) expect(page).toContain(`kubectl create secret generic ${name} `);
    expect(valueOf(container.env, 'POLYAI_AUTH_TOKEN_FILE')).toBe(
      mountedPath({ volumes: pod.volumes, volumeMounts: container.volumeMounts }, 'POLYAI_AUTH_TOKEN'),
    );
  });

  it('mount the accounts where their variable says, and ask for no token of a default account', () => {
    const { volumes, containers } = accountsFile;
    const [{ name, env, volumeMounts }] = containers;
    expect(name).toBe(container.name);
    expect(valueOf(env, 'POLYAI_ACCOUNTS_FILE')).toBe(mountedPath({ volumes, volumeMounts }, 'accounts.json'));
    expect(valueOf(env, 'POLYAI_AUTH_TOKEN_FILE')).toBe('');
    const [accounts, token] = volumes;
    expect(page).toContain(`kubectl create secret generic ${accounts?.secret.secretName} `);
    expect([token?.name, token?.secret.optional]).toEqual([pod.volumes[0]?.name, true]);
  });

  it('mount the client certificate where its variables say', () => {
    const [{ name, env, volumeMounts }] = clientCertificate.containers;
    expect(name).toBe(container.name);
    const mounted = { volumes: clientCertificate.volumes, volumeMounts };
    expect(valueOf(env, 'TEMPORAL_TLS_CLIENT_CERT_PATH')).toBe(mountedPath(mounted, 'tls.crt'));
    expect(valueOf(env, 'TEMPORAL_TLS_CLIENT_KEY_PATH')).toBe(mountedPath(mounted, 'tls.key'));
    for (const { secret } of mounted.volumes) expect(page).toContain(`kubectl create secret tls ${secret.secretName} `);
  });

  it("run the image that the page has the reader name, as the image's user", () => {
    expect(page).toContain(`- name: ${container.image}\n`);
    const { runAsUser, runAsGroup } = pod.securityContext;
    expect(read('Dockerfile')).toContain(`\nUSER ${runAsUser}:${runAsGroup}\n`);
  });

  it('allow the memory in which a worker caches all of its calls', () => {
    const gibibytes = Number.parseInt(container.resources.limits.memory, 10);
    expect(cachedWorkflowsFor(DEFAULT_CALLS_AT_ONCE, gibibytes * 2 ** 30)).toBe(DEFAULT_CALLS_AT_ONCE);
  });

  it('select the pods that they label', () => {
    const budget = z.object({ spec: z.object({ selector }) }).parse(readYaml('pod-disruption-budget.yaml'));
    const selectors = [
      deployment.selector,
      budget.spec.selector,
      ...pod.topologySpreadConstraints.map(({ labelSelector }) => labelSelector),
    ];
    for (const { matchLabels } of selectors) expect(matchLabels).toEqual(metadata.labels);
  });

  it('are all in the kustomization, with the ConfigMap that the worker reads', () => {
    const files = readdirSync(join(ROOT, FOLDER)).filter(
      (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
    );
    expect(kustomization.resources).toEqual(files.sort());
    const read = container.envFrom.map(({ configMapRef }) => configMapRef.name);
    expect(kustomization.configMapGenerator.map(({ name }) => name)).toEqual(read);
  });
});

describe('a kustomization of the page', () => {
  it('names its file, is there once for each way to deploy, and builds on what is there', () => {
    expect([...kustomizations.keys()]).toEqual(['calls', 'autoscaled', 'versions/2026-11-28.1']);
    expect(page).toContain('write `calls/kustomization.yaml`');
    const resources = [...kustomizations.values()].flatMap((part) => part.resources);
    expect(resources).toEqual(['polyai-worker', '../calls', 'autoscaler.yaml', '../../calls']);
    expect(page).toContain('`autoscaled/autoscaler.yaml`');
  });

  it.each([...kustomizations.keys()])('deploys a worker that can run, by itself: %s', (name) => {
    const layers = layersOf(name);
    const names = ['POLYAI_REGION', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];
    expect(Object.keys(environmentOf(layers))).toEqual(expect.arrayContaining(names));
    expect(configOf(layers).accounts).toHaveLength(1);
    const [first, ...others] = layers.flatMap(({ images }) => images);
    expect(first?.name).toBe(container.image);
    for (const image of others) expect(image.name).toBe(first?.newName);
    for (const { namespace } of layers) expect(namespace).toBe('calls');
  });

  const version = { deploymentName: 'polyai-calls', buildId: '2026-11-28.1' };
  it('of a version has the build ID that its folder is named after', () => {
    expect(configOf(layersOf('versions/2026-11-28.1')).deployment).toEqual(version);
  });
});

describe('an addition to calls/kustomization.yaml', () => {
  const withAddition = (wanted: (part: Documented) => boolean): Documented => {
    expect(additions).toHaveLength(3);
    const given = Object.entries(additions.find(wanted)!).filter(
      ([, value]) => Array.isArray(value) && value.length > 0,
    );
    return { ...calls, ...Object.fromEntries(given) };
  };

  it('sets the files of the client certificate', () => {
    const environment = environmentOf([withAddition(({ components }) => components[0] === 'polyai-worker/mtls')]);
    expect(Object.keys(environment)).toEqual(
      expect.arrayContaining(['TEMPORAL_TLS_CLIENT_CERT_PATH', 'POLYAI_REGION']),
    );
    expect(environment['TEMPORAL_ADDRESS']).toBe(`${environment['TEMPORAL_NAMESPACE']}.tmprl.cloud:7233`);
  });

  it('has several accounts and no default account, whose region would be refused', () => {
    const part = withAddition(({ components }) => components.includes('polyai-worker/accounts'));
    expect(configOf([part]).accounts.map(({ name }) => name)).toEqual(['acme', 'beta']);
    expect(environmentOf([part])).toHaveProperty('TEMPORAL_NAMESPACE');
    const [generator] = part.configMapGenerator;
    const literals = [...generator!.literals, 'POLYAI_REGION=us-1'];
    const refused = { ...part, configMapGenerator: [{ ...generator!, literals }] };
    expect(() => configOf([refused])).toThrow('POLYAI_AUTH_TOKEN is not set');
  });

  it('sends metrics by OTLP in place of serving them', () => {
    const part = withAddition(({ patches }) => patches.length > 0);
    const { telemetry } = configOf([part]);
    expect(telemetry.metricsAddress).toBeUndefined();
    expect(telemetry.otlpMetrics?.url).toContain('http://collector.monitoring:4318');
    const { metadata: patched } = deploymentPatch.parse(parse(part.patches[0]!.patch)).spec.template;
    expect(patched?.annotations).toEqual({ 'prometheus.io/scrape': 'false' });
  });
});
