import { type Command, Option } from 'commander';

interface EraseFlags {
  readonly number?: string;
  readonly reference?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** `temporal-polyai campaign erase` */
export function addEraseCommand(campaign: Command): void {
  campaign
    .command('erase')
    .summary("erase a person's data in all campaigns")
    .description(
      'Erases the number, reference, consent, time zones and variables of a person in all campaigns, and what was said about ' +
        'the calls. That there were calls, when, and how they ended stays, and so does a suppression, by a keyed hash of the ' +
        'number. Shows how much there is, and asks first.',
    )
    .addOption(new Option('--number <number>', 'the number, with + and country code').conflicts('reference'))
    .option('--reference <text>', 'your own identifier, which stands for the numbers of its contacts')
    .option('--yes', 'erase without asking, for scripts')
    .option('--json', 'print one JSON object')
    .addHelpText(
      'after',
      `
Refused while one of the campaigns is, or may be, calling the person.

Examples:
  $ temporal-polyai campaign erase --reference crm-1042
  $ temporal-polyai campaign erase --number +14155552671 --yes
`,
    )
    .action(async ({ number, reference, yes = false, json = false }: EraseFlags) => {
      const { eraseFromCampaigns } = await import('./run-erase.js');
      process.exitCode = await eraseFromCampaigns({ number, reference, yes, json });
    });
}
