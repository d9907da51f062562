import type { CampaignProgress } from '../contract/campaign.js';
import { escapeMarkdown } from './visibility.js';

/** A campaign's progress in Markdown, for the workflow's current details. Pure. */
export function renderCampaignDetails(progress: CampaignProgress): string {
  const { state, stateReason, contacts, attempts, dispositions, limits, lastProblems } = progress;
  const total = Object.values(contacts).reduce((sum, amount) => sum + amount, 0);
  const settled = total - contacts.waiting - contacts.dialling;
  return [
    `**${state}** · ${settled} of ${total} contacts settled · ${contacts.dialling} being called · as of ${progress.readAt}`,
    ...(stateReason === undefined ? [] : [`Reason: ${escapeMarkdown(stateReason)}`]),
    table('contacts', contacts),
    table('attempts', attempts),
    ...(Object.keys(dispositions).length > 0 ? [table('dispositions', dispositions)] : []),
    `Limits: ${limits.callsAtOnce} calls at once, ${limits.callsPerSecond} a second. Rules: version ${progress.rulesVersion}.`,
    ...(progress.nextDueAt === undefined ? [] : [`Next contact due: ${progress.nextDueAt}`]),
    ...(progress.estimatedEndAt === undefined
      ? []
      : [`At the rate of the last hour it ends: ${progress.estimatedEndAt}`]),
    ...(lastProblems.length > 0
      ? [
          [
            'Last problems:',
            ...lastProblems.map(({ at, state: of, reason }) => `- ${at} ${of}: ${escapeMarkdown(reason)}`),
          ].join('\n'),
        ]
      : []),
  ].join('\n\n');
}

function table(title: string, counts: Readonly<Record<string, number>>): string {
  const rows = Object.entries(counts).filter(([, amount]) => amount > 0);
  return [`| ${title} | |`, '|---|---|', ...rows.map(([name, amount]) => `| ${name} | ${amount} |`)].join('\n');
}
