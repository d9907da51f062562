import { runCli } from './cli-process.js';
import { finalStage, instructions } from './dockerfile.js';

/**
 * Makes the workflow bundles of the image, by its own commands.
 *
 * @param folder takes the place of `/app`
 * @returns the image's variables that name files in `/app`
 */
export async function makeBundles(folder: string): Promise<Record<string, string>> {
  for (const command of instructions.flatMap((line) => line.replace(/^RUN /, '').split(' && '))) {
    const [, args] = /^node dist\/cli\/main\.js (bundle .+)$/.exec(command) ?? [];
    if (args !== undefined) await runCli(args.split(' '), { cwd: folder });
  }
  const variables = finalStage.flatMap((line) => [...line.matchAll(/(\w+)=\/app(\/\S+)/g)]);
  return Object.fromEntries(variables.map(([, name, path]) => [name!, `${folder}${path!}`]));
}
