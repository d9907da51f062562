import {
  type AttemptState,
  type CampaignProgress,
  type CampaignState,
  type ContactState,
  countContacts,
} from '../contract/campaign.js';
import { escapeMarkdown, markdownList, markdownTime } from './markdown.js';

/** A campaign's progress in Markdown, for the workflow's current details: for somebody who does not know the code. Pure. */
export function renderCampaignDetails(progress: CampaignProgress): string {
  const { campaignId, state, stateReason, contacts, attempts, dispositions, limits, lastProblems } = progress;
  const { total, settled } = countContacts(progress);
  return [
    `Call campaign \`${campaignId}\`: **${state}**, ${settled} of ${total} contacts settled, ${contacts.dialling} being called`,
    ...(stateReason === undefined ? [] : [`Reason: ${escapeMarkdown(stateReason)}`]),
    STATE_TEXTS[state],
    ...section('Contacts:', counts(contacts, CONTACT_TEXTS)),
    ...section('Attempts to call:', counts(attempts, ATTEMPT_TEXTS)),
    ...section('How the calls ended:', counts(dispositions, {})),
    ...section('Last problems:', lastProblems.map(problemText)),
    markdownList([
      `Limits of the account: ${limits.callsAtOnce} calls at once, ${limits.callsPerSecond} a second`,
      `Rules: version ${progress.rulesVersion}`,
      `Contacts settled in the last hour: ${progress.settledLastHour}`,
      ...(progress.nextDueAt === undefined ? [] : [`Next contact due: ${markdownTime(progress.nextDueAt)}`]),
      ...(progress.estimatedEndAt === undefined
        ? []
        : [`Estimated end at the current rate: ${markdownTime(progress.estimatedEndAt)}`]),
      `The database was read: ${markdownTime(progress.readAt)}`,
    ]),
  ].join('\n\n');
}

const STATE_TEXTS: Readonly<Record<CampaignState, string>> = {
  draft: 'Contacts can be added. Nothing is dialled before the campaign is started.',
  running: 'Contacts are dialled as they become due. The updates `pause` and `cancel` stop new calls.',
  paused: 'No call is dialled; calls under way go on. The update `resume` lets it go on.',
  completed: 'No contact is left to be dialled, or the deadline of the campaign has passed.',
  cancelled: 'No call is dialled any more. The workflow ends when the calls under way have ended.',
};

const CONTACT_TEXTS: Readonly<Record<ContactState, string>> = {
  waiting: 'dialled when they are due',
  dialling: 'being called',
  done: 'a call succeeded',
  failed: 'no attempt is left, or the number cannot be called',
  ambiguous: 'may have been called; not dialled again without the update `retryAmbiguous`',
  suppressed: 'on the suppression list',
  blocked: 'the rules never allow a call: no consent, no time zone or no calling window',
  erased: 'their data were erased',
};

const ATTEMPT_TEXTS: Readonly<Record<AttemptState, string>> = {
  intended: 'about to be dialled',
  posting: 'the request to dial may be on its way',
  posted: 'PolyAI accepted the call',
  ended: 'the call has ended',
  not_sent: 'PolyAI certainly did not dial',
  ambiguous: 'PolyAI may have dialled, or not',
};

function problemText({ at, contactId, state, reason }: CampaignProgress['lastProblems'][number]): string {
  return `${markdownTime(at)}, contact \`${contactId}\`, ${escapeMarkdown(state)}: ${escapeMarkdown(reason)}`;
}

function section(title: string, items: readonly string[]): string[] {
  return items.length > 0 ? [title, markdownList(items)] : [];
}

/** Counts above 0, with what they mean. */
function counts(amounts: Readonly<Record<string, number>>, meanings: Readonly<Record<string, string>>): string[] {
  return Object.entries(amounts)
    .filter(([, amount]) => amount > 0)
    .map(([name, amount]) => `${amount} ${escapeMarkdown(name)}${name in meanings ? `: ${meanings[name]}` : ''}`);
}
