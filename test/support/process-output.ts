import type { ChildProcess } from 'node:child_process';

/** What a process has printed. */
export class ProcessOutput {
  stdout = '';
  stderr = '';
  /** Both, in the order in which they came. */
  all = '';

  constructor(private readonly process: ChildProcess) {
    process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
      this.all += text;
    });
    process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
      this.all += text;
    });
  }

  /** The command, how it ended, and what it printed. */
  get report(): string {
    const { spawnargs, exitCode, signalCode } = this.process;
    const state = signalCode === null ? `exit code ${exitCode ?? 'none yet'}` : `killed by ${signalCode}`;
    return `${spawnargs.join(' ')}: ${state}\n${this.all}`;
  }
}
