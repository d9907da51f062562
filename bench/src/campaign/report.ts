import { digits } from '../report/format.js';
import type { CampaignFigures } from './run-campaign.js';

interface Setting {
  readonly command: string;
  readonly options: { readonly contacts: number; readonly atOnce: number; readonly perSecond: number };
}

export function toMarkdown({ command, options }: Setting, figures: CampaignFigures): string {
  const { seconds, trouble, progress, ledger, memory, histories } = figures;
  const { contacts, attempts } = progress;
  const listed = (counts: Readonly<Record<string, number>>): string =>
    Object.entries(counts)
      .filter(([, amount]) => amount > 0)
      .map(([name, amount]) => `${amount} ${name}`)
      .join(', ') || 'none';
  const kept = Object.values(contacts).reduce((sum, amount) => sum + amount, 0);
  const lines = [
    `${digits(seconds)} s, ${digits(ledger.calls / seconds)} calls a second (limits: ${options.perSecond} a second, ${options.atOnce} at once)`,
    `trouble: ${listed(trouble)}`,
    `contacts: ${listed(contacts)}; lost: ${options.contacts - kept}`,
    `attempts: ${listed(attempts)}; ambiguous: ${digits((100 * contacts.ambiguous) / options.contacts)} %`,
    `ledger: ${ledger.calls} calls, ${ledger.dialledTwice} more than attempts, ${ledger.calledTwice} more than numbers`,
    `rows against the ledger: ${ledger.unknown} calls without a row, ${ledger.endedWithoutDial} ended but not dialled, ${ledger.notSentButDialled} not sent but dialled`,
    `worker memory: ${digits(memory.secondQuarterMiB)} MiB in the second quarter, ${digits(memory.lastQuarterMiB)} in the last, ${digits(memory.peakMiB)} at most`,
    `histories: ${histories.runs} runs of the campaign, ${histories.longestRun} events at most; monitors ${histories.longestMonitor} at most`,
  ];
  return `\`${command}\`\n\n${lines.map((line) => `- ${line}`).join('\n')}\n`;
}
