import { InvalidArgumentError } from '@commander-js/extra-typings';
import type { PackageBuild } from '../package-build.js';
import { forkChild, type ChildProcessHandle } from '../processes/child-process.js';
import type { LoopFunctions } from '../processes/polling-loop.js';
import { startPostgres } from './postgres.js';
import type { RunningShape, Shape } from './shape.js';
import { temporalShape, type TemporalShapeSettings } from './temporal-shape.js';

const HOLD_OF = /^hold=(?<length>.+)$/;

const PACKAGE_SHAPES: Readonly<Record<string, TemporalShapeSettings>> = {
  hold: {
    about:
      'this package with its defaults: one `getStatus` activity goes on polling until the status changes; outcomes saved in SQLite',
  },
  heartbeat: {
    about: '`hold` with `POLYAI_STATUS_UPDATES=heartbeat`: no signal for a status change',
    statusUpdates: 'heartbeat',
  },
  traced: {
    about: '`hold` with `OTEL_TRACES_EXPORTER=otlp`, to a collector that keeps nothing',
    maxLive: 100,
    traces: true,
  },
  unsaved: { about: '`hold` without an outcome store', outcomesUrl: 'off' },
  sdk: {
    about: 'the loop of `bare` in one activity, a signal and a memo for each status: the least with the Temporal SDK',
    worker: 'sdk-worker',
  },
  textbook: {
    about: 'this package with `hold: 0`: one `getStatus` activity for each poll, a durable sleep between two',
    maxLive: 1_000,
    polling: { hold: 0 },
  },
};

const bare: Shape = {
  name: 'bare',
  about: 'a loop in a Node process with this package’s HTTP client, no durability: the floor',
  maxLive: Infinity,
  start({ env }) {
    const child = forkChild<LoopFunctions>('bare', env);
    return Promise.resolve({ ...running(child), serverPids: [], stop: () => child.end() });
  },
};

const dbos: Shape = {
  name: 'dbos',
  about: 'the textbook loop in DBOS on PostgreSQL: a step for each poll, a durable sleep between two',
  maxLive: 3_000,
  async start({ env, folder }) {
    const postgres = await startPostgres(folder);
    const child = forkChild<LoopFunctions>('dbos', { ...env, BENCH_DATABASE_URL: postgres.url });
    return {
      ...running(child),
      serverPids: [postgres.pid],
      runEmpty: () => child.rpc.runEmpty(),
      async stop() {
        await child.end();
        await postgres.stop();
      },
    };
  },
};

/**
 * The shapes by their names; `hold=2m` is `hold` with another `polling.hold`. With a baseline, each shape of this package
 * is followed by the same shape of that build.
 *
 * @throws {InvalidArgumentError} for an unknown name
 */
export function shapesNamed(names: readonly string[], build: PackageBuild, baseline?: PackageBuild): Shape[] {
  return names.flatMap((name) => {
    const loop = [bare, dbos].find((shape) => shape.name === name);
    if (loop) return [loop];
    const settings = settingsOf(name);
    const shape = temporalShape(name, build, settings);
    if (!baseline) return [shape];
    const about = `\`${name}\` of the baseline build`;
    return [shape, temporalShape(`${name}@baseline`, baseline, { ...settings, about })];
  });
}

function settingsOf(name: string): TemporalShapeSettings {
  const hold = HOLD_OF.exec(name)?.groups?.['length'];
  if (hold !== undefined) return { about: `this package with \`polling.hold: "${hold}"\``, polling: { hold } };
  const settings = PACKAGE_SHAPES[name];
  if (settings) return settings;
  const known = [...Object.keys(PACKAGE_SHAPES), bare.name, dbos.name, 'hold=2m'];
  throw new InvalidArgumentError(`no shape "${name}"; choose from ${known.join(', ')}`);
}

function running(child: ChildProcessHandle<LoopFunctions>): Omit<RunningShape, 'serverPids' | 'stop'> {
  return {
    workerPids: [child.pid],
    failed: child.failed,
    maxWaiters: Infinity,
    begin: (callSid) => child.rpc.begin(callSid),
    result: (callSid) => child.rpc.result(callSid),
  };
}
