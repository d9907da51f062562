import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

import { finalStage, instructions } from '../support/dockerfile.js';
import { namesIn } from './docs/documented.js';

const ROOT = join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const dependencies = z.record(z.string(), z.object({ condition: z.string() }));

const compose = z
  .object({
    services: z.record(
      z.string(),
      z.object({
        image: z.string(),
        build: z.string().optional(),
        profiles: z.array(z.string()).optional(),
        network_mode: z.string().optional(),
        environment: z.record(z.string(), z.string()).default({}),
        ports: z.array(z.string()).default([]),
        depends_on: dependencies.default({}),
        healthcheck: z.object({ test: z.array(z.string()) }).optional(),
        command: z.array(z.string()).optional(),
        read_only: z.boolean().default(false),
        cap_drop: z.array(z.string()).default([]),
        security_opt: z.array(z.string()).default([]),
      }),
    ),
  })
  .parse(parse(read('docker-compose.yml'), { merge: true }));

const services = Object.entries(compose.services);
const dockerfile = read('Dockerfile');
const PINNED = /:\d+\.\d+(?:\.\d+)?(?:-[a-z]+)*$/;

describe('docker-compose.yml', () => {
  it.each(services.filter(([, { build }]) => build === undefined))('pins the image of %s', (_name, { image }) => {
    expect(image).toMatch(PINNED);
  });

  it('waits for each service to be healthy, or to have ended well where it is there to end', () => {
    const waits = services.flatMap(([, service]) => Object.entries(service.depends_on));
    expect(waits.length).toBeGreaterThan(0);
    for (const [name, { condition }] of waits) {
      const lasting = compose.services[name]?.healthcheck !== undefined;
      const expected =
        name === 'worker' ? 'service_started' : lasting ? 'service_healthy' : 'service_completed_successfully';
      expect(condition, name).toBe(expected);
    }
  });

  it('checks the health of every service that stays', () => {
    const ending = new Set(
      services.flatMap(([, { depends_on }]) =>
        Object.entries(depends_on).flatMap(([name, { condition }]) =>
          condition === 'service_completed_successfully' ? [name] : [],
        ),
      ),
    );
    const unchecked = services.filter(([name, { healthcheck }]) => !ending.has(name) && healthcheck === undefined);
    // The worker's check is its image's.
    expect(unchecked.map(([name]) => name)).toEqual(['worker']);
    expect(finalStage.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true);
  });

  it('publishes ports on loopback only', () => {
    const ports = services.flatMap(([, service]) => service.ports);
    expect(ports.length).toBeGreaterThan(0);
    for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });

  it.each(services.filter(([, { build }]) => build !== undefined))(
    'runs %s without capabilities and new privileges, on a read-only file system',
    (_name, { read_only, cap_drop, security_opt }) => {
      expect({ read_only, cap_drop, security_opt }).toEqual({
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    },
  );

  it('hands every variable of the worker to it, but for those that name files of the container', () => {
    const isFile = /_FILE$|_BUNDLE$/;
    const ours = (names: readonly string[]) => names.filter((name) => /^(?:POLYAI|OTEL)_/.test(name)).sort();
    const documented = ['Environment of the worker', 'OpenTelemetry'].flatMap((part) =>
      namesIn('configuration.md', part),
    );
    const given = Object.keys(compose.services['worker']?.environment ?? {});
    expect(ours(given)).toEqual(ours(documented).filter((name) => !isFile.test(name)));
  });

  it('holds no secret: the token and the password come from outside, and have no default', () => {
    const secrets = services.flatMap(([, { environment }]) =>
      Object.entries(environment).filter(([name]) => /TOKEN|PASSWORD|PWD/.test(name)),
    );
    expect(secrets.length).toBeGreaterThan(0);
    for (const [name, value] of secrets) expect(value, name).toMatch(/^\$\{[A-Z_]+:(?:\?[^}]*|-)\}$/);
  });

  it("starts the simulator only when asked for, in the worker's network, where the token may travel unencrypted", () => {
    const { simulator } = compose.services;
    expect(simulator?.profiles).toEqual(['simulator']);
    expect(simulator?.network_mode).toBe('service:worker');
    expect(simulator?.ports).toEqual([]);
  });

  it("names variables that .env.example has too, unless they have a default or are OpenTelemetry's", () => {
    const used = [...read('docker-compose.yml').matchAll(/\$\{(?!OTEL_)([A-Z_]+):(?:\?|-\})/g)].map(
      (match) => match[1],
    );
    const offered = [...read('.env.example').matchAll(/^([A-Z_]+)=$/gm)].map((match) => match[1]);
    expect([...new Set(used)].sort()).toEqual(offered.sort());
  });
});

describe('Dockerfile', () => {
  it('pins its base images, which have glibc', () => {
    expect(dockerfile).toMatch(/^ARG NODE=24\.\d+\.\d+-bookworm$/m);
    const bases = instructions.filter((line) => line.startsWith('FROM '));
    expect(bases).toEqual(['FROM node:${NODE} AS build', 'FROM node:${NODE}-slim']);
  });

  it('installs from the lock file', () => {
    expect(instructions).toContain('RUN npm ci --no-workspaces');
  });

  it('runs the worker itself, not as root, and ends it with SIGTERM', () => {
    expect(finalStage).toContain('USER 1000:1000');
    expect(finalStage).toContain('STOPSIGNAL SIGTERM');
    expect(finalStage.at(-1)).toBe('CMD ["node", "dist/worker.js"]');
  });

  it('keeps outcomes where its user may write, on a volume', () => {
    expect(finalStage.join('\n')).toContain('POLYAI_OUTCOMES_URL=sqlite:/data/');
    expect(finalStage).toContain('RUN mkdir /data && chown 1000:1000 /data');
    expect(finalStage).toContain('VOLUME /data');
  });

  it('is sent all that it copies', () => {
    const sent = [...read('.dockerignore').matchAll(/^!(.+)$/gm)].map((match) => match[1]);
    const copied = instructions
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect(copied.sort()).toEqual(sent.sort());
  });

  it('takes no secret into the image', () => {
    expect(dockerfile).not.toMatch(/^(?:ARG|ENV).*(?:TOKEN|PASSWORD|API_KEY)/m);
  });
});
