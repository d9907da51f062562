import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { TestProject } from 'vitest/node';

import { provideOnce } from './provide-once.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /**
     * A folder that has the oldest Temporal SDK of this package's peer ranges installed, and OpenTelemetry 2 with the SDK's
     * interceptors for it.
     */
    oldestSdkFolder: string;
  }
}

/** Interceptors for OpenTelemetry 2 are not released with every version of the SDK; they are with the oldest. */
const OPEN_TELEMETRY_2 = {
  '@opentelemetry/exporter-trace-otlp-proto': '0.223.1',
  '@opentelemetry/resources': '2.12.1',
  '@opentelemetry/sdk-trace-node': '2.12.1',
};

const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Installs it from the registry, once for each version. */
export async function setup(project: TestProject): Promise<void> {
  await provideOnce(project, 'oldestSdkFolder', async () => {
    const manifest = readFileSync(`${root}package.json`, 'utf8');
    const { peerDependencies } = JSON.parse(manifest) as { peerDependencies: Record<string, string> };
    const oldest = Object.entries(peerDependencies).flatMap(([name, range]) =>
      /^@temporalio\/(?:activity|client|common|envconfig|interceptors-opentelemetry|worker|workflow)$/.test(name)
        ? [[name, range.replace('^', '')] as const]
        : [],
    );
    const interceptors = {
      '@temporalio/interceptors-opentelemetry-v2': Object.fromEntries(oldest)['@temporalio/common'],
    };
    const folder = `${root}node_modules/.cache/temporal-polyai/oldest-sdk`;
    mkdirSync(folder, { recursive: true });
    writeFileSync(
      `${folder}/package.json`,
      JSON.stringify({
        private: true,
        dependencies: { ...Object.fromEntries(oldest), ...interceptors, ...OPEN_TELEMETRY_2 },
      }),
    );
    await execa('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], { cwd: folder });
    return folder;
  });
}
