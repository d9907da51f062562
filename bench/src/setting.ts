import { describeMachine } from './machine.js';
import { commandLine } from './options.js';
import type { PackageBuild } from './package-build.js';

/** What every report begins with. */
export function describeSetting<Options>(options: Options, build: PackageBuild, baseline?: PackageBuild) {
  return {
    command: commandLine(),
    startedAt: new Date().toISOString(),
    machine: describeMachine(build, baseline),
    options,
  };
}
