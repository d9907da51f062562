import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { DEFAULT_CALLS_AT_ONCE } from '../../src/activities/worker-options.js';
import { cachedWorkflowsFor } from '../../src/activities/workflow-cache.js';
import { loadWorkerConfig } from '../../src/worker/config.js';
import { namesIn } from './docs/documented.js';

const ROOT = join(import.meta.dirname, '../..');
const FOLDER = 'deploy/kubernetes';
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
const readYaml = (file: string): unknown => parse(read(join(FOLDER, file)));

const environment = z
  .array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z.object({ secretKeyRef: z.object({ name: z.string(), key: z.string() }) }).optional(),
    }),
  )
  .default([]);
const mounts = z.array(z.object({ name: z.string(), mountPath: z.string() }));
const secretVolume = z.object({
  name: z.string(),
  secret: z.object({
    secretName: z.string(),
    items: z.array(z.object({ key: z.string(), path: z.string() })).default([]),
  }),
});
const labels = z.record(z.string(), z.string());
const selector = z.object({ matchLabels: labels });
const probe = z.object({ httpGet: z.object({ path: z.string(), port: z.string() }) });

const { spec: deployment } = z
  .object({
    spec: z.object({
      selector,
      template: z.object({
        metadata: z.object({ labels, annotations: labels }),
        spec: z.object({
          securityContext: z.object({ runAsUser: z.number(), runAsGroup: z.number() }),
          topologySpreadConstraints: z.array(z.object({ labelSelector: selector })),
          containers: z.tuple([
            z.object({
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
            }),
          ]),
          volumes: z.array(secretVolume),
        }),
      }),
    }),
  })
  .parse(readYaml('deployment.yaml'));
const { spec: pod, metadata } = deployment.template;
const [container] = pod.containers;

const kustomization = z
  .object({
    resources: z.array(z.string()),
    configMapGenerator: z.array(z.object({ name: z.string(), literals: z.array(z.string()) })),
  })
  .parse(readYaml('kustomization.yaml'));

const clientCertificate = z
  .object({
    spec: z.object({
      template: z.object({
        spec: z.object({
          containers: z.tuple([z.object({ name: z.string(), env: environment, volumeMounts: mounts })]),
          volumes: z.array(secretVolume),
        }),
      }),
    }),
  })
  .parse(readYaml('mtls/client-certificate.yaml')).spec.template.spec;

const page = read('docs/how-to/run-in-kubernetes.md');
/** The settings in the kustomizations of the page and of the base. */
const settings = [...`${page}${read(join(FOLDER, 'kustomization.yaml'))}`.matchAll(/^ *- ([A-Z_]+)=(\S+)$/gm)];
/** What the page has the reader write to `secrets.env`. */
const secrets = [...page.matchAll(/^ *(POLYAI_[A-Z_]+|TEMPORAL_[A-Z_]+)=/gm)].map(([, name]) => name!);

/** What the container gets, with the settings of the page and these secrets. */
function workerEnvironment(tokenFile: string): Record<string, string> {
  const ofSecret: Record<string, string> = { POLYAI_OUTCOMES_URL: 'postgres://localhost/calls', TEMPORAL_API_KEY: 'k' };
  const own = container.env.map(({ name, value, valueFrom }) => {
    const given = value ?? ofSecret[valueFrom!.secretKeyRef.key]!;
    return [name, name === 'POLYAI_AUTH_TOKEN_FILE' ? tokenFile : given] as const;
  });
  return Object.fromEntries([...settings.map(([, name, value]) => [name!, value!] as const), ...own]);
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
    const documented = [
      ...namesIn('configuration.md', 'Environment of the worker'),
      ...namesIn('configuration.md', 'Worker versioning'),
    ];
    // Read by @temporalio/envconfig.
    const ofTemporal = ['ADDRESS', 'NAMESPACE', 'API_KEY', 'TLS_CLIENT_CERT_PATH', 'TLS_CLIENT_KEY_PATH'];
    const known = new Set([...documented, ...ofTemporal.map((name) => `TEMPORAL_${name}`)]);
    const set = [
      ...[...container.env, ...clientCertificate.containers[0].env].map(({ name }) => name),
      ...settings.map(([, name]) => name!),
    ];
    expect(set.filter((name) => !known.has(name))).toEqual([]);
  });

  it('are a configuration that the worker accepts, with health and metrics where Kubernetes and Prometheus ask', () => {
    const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const tokenFile = join(folder, 'token');
    writeFileSync(tokenFile, 'a-token\n');
    const {
      healthAddress,
      telemetry,
      outcomesUrl,
      deployment: version,
    } = loadWorkerConfig(workerEnvironment(tokenFile));

    const portNamed = (wanted: string) => container.ports.find(({ name }) => name === wanted)?.containerPort;
    expect(healthAddress).toBe(`0.0.0.0:${portNamed('health')}`);
    expect(telemetry.metricsAddress).toBe(`0.0.0.0:${portNamed('metrics')}`);
    expect(metadata.annotations).toMatchObject({ 'prometheus.io/port': String(portNamed('metrics')) });
    expect(telemetry.logFormat).toBe('json');
    expect(outcomesUrl).toMatch(/^postgres:/);
    expect(version).toEqual({ deploymentName: 'polyai-calls', buildId: '2026-11-28.1' });
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
