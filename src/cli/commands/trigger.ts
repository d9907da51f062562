import { type Command, InvalidArgumentError, Option } from 'commander';

import { countryArgument } from '../arguments.js';
import type { TriggerFlags } from './run-trigger.js';

const ENCRYPTIONS: readonly NonNullable<TriggerFlags['encryption']>[] = ['UDP/RTP', 'UDP/SRTP', 'TLS/RTP', 'TLS/SRTP'];

/** `temporal-polyai trigger` */
export function addTriggerCommand(program: Command): void {
  program
    .command('trigger')
    .summary('make PolyAI dial a phone number, and print the call SID')
    .description(
      "Makes PolyAI dial a phone number, with the worker's environment (token, region, accounts), and prints the call " +
        'SID, nothing else. The number is read from stdin, which leaves it out of the shell history and the list of ' +
        'processes. The command asks before it dials. It starts no monitor and does not need Temporal.',
    )
    .option('--to <number>', 'the number, instead of from stdin; it stays in the shell history')
    .option('--country-code <code>', 'country of a national number, such as GB', countryArgument)
    .option('--metadata <name=value>', 'a SIP header for the agent; may be repeated', metadataArgument)
    .addOption(new Option('--encryption <mode>', 'how the call is encrypted').choices(ENCRYPTIONS))
    .option('--account <name>', 'the account, by its name in POLYAI_ACCOUNTS_FILE (default: the default account)')
    .option('--yes', 'dial without asking, for scripts')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
When the answer is lost, the call may have been dialled: look in PolyAI before you trigger it again.

Examples:
  $ temporal-polyai trigger                                         asks for the number, and before it dials
  $ temporal-polyai trigger --yes < number.txt
  $ temporal-polyai monitor "$(temporal-polyai trigger --yes < number.txt)" --not-found-grace 10s
`,
    )
    .action(async (flags: TriggerFlags) => {
      const { runTrigger } = await import('./run-trigger.js');
      process.exitCode = await runTrigger(flags);
    });
}

function metadataArgument(value: string, previous: Readonly<Record<string, string>> = {}): Record<string, string> {
  const [, name, text] = /^([^=]+)=(.*)$/s.exec(value) ?? [];
  if (name !== undefined && text !== undefined) return { ...previous, [name]: text };
  throw new InvalidArgumentError('It must be a name and a value, such as campaign=spring.');
}
