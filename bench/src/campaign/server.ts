import { join } from 'node:path';
// Not public: the dev server and the choice of ports that the tests and the demo use.
import { type DevServer, startDevServer } from '../../../dist/playground/temporal-server.js';
import { choosePorts } from '../../../dist/playground/ports.js';
import { childrenWith } from '../measure/process-usage.js';

/** A dev server with its data in a file, which can be killed and started again on the same port. */
export class CrashableServer {
  private constructor(
    private readonly port: number,
    private readonly dbFilename: string,
    private server: DevServer,
  ) {}

  static async start(folder: string): Promise<CrashableServer> {
    const [port] = await choosePorts('127.0.0.1', [undefined]);
    const dbFilename = join(folder, 'temporal.sqlite');
    return new CrashableServer(port!, dbFilename, await startDevServer({ dbFilename, port, ui: false }));
  }

  get address(): string {
    return this.server.address;
  }

  get namespace(): string {
    return this.server.namespace;
  }

  /** Kills the process and starts another one with the same data. */
  async crash(): Promise<void> {
    for (const pid of childrenWith(['start-dev', `${this.port}`])) process.kill(pid, 'SIGKILL');
    await this.server.stop();
    this.server = await startDevServer({ dbFilename: this.dbFilename, port: this.port, ui: false });
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}
