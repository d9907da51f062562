import { Argument, type Command } from 'commander';

type Shell = 'bash' | 'zsh' | 'fish' | 'powershell';

const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish', 'powershell'];

/**
 * `temporal-polyai completion`, and the hidden command that the shells run at each tab.
 *
 * @param createCommands a program with the commands to complete
 */
export function addCompletionCommand(program: Command, createCommands: () => Command): void {
  program
    .command('completion')
    .summary('print a script that completes commands and options in your shell')
    .description('Prints a script for your shell, with which the tab key completes commands, options and their values.')
    .addArgument(new Argument('<shell>', 'your shell').choices(SHELLS))
    .addHelpText(
      'after',
      `
Examples:
  $ temporal-polyai completion bash >> ~/.bashrc
  $ temporal-polyai completion zsh >> ~/.zshrc
  $ temporal-polyai completion fish > ~/.config/fish/completions/temporal-polyai.fish
`,
    )
    .action(async (shell: Shell) => (await completionOf(createCommands)).setup(program.name(), program.name(), shell));
  program
    .command('complete', { hidden: true })
    .argument('[words...]')
    .action(async (words: string[]) => (await completionOf(createCommands)).parse(words));
}

async function completionOf(createCommands: () => Command) {
  const { default: tab } = await import('@bomb.sh/tab/commander');
  const program = createCommands();
  describeBriefly(program);
  return tab(program, { completionCommandName: 'completion' });
}

/** A shell shows each description in one line. */
function describeBriefly(command: Command): void {
  if (command.summary()) command.description(command.summary());
  for (const child of command.commands) describeBriefly(child);
}
