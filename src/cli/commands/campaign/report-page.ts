import type { CampaignProgress } from '../../../contract/campaign.js';
import { plainText } from '../../../platform/plain-text.js';
import type { AmbiguousAttempt, ReportData } from './report-data.js';

export interface ReportPage {
  readonly progress: CampaignProgress;
  readonly data: ReportData;
  /** SVG by name, from `renderPlots`. */
  readonly plots: Readonly<Record<string, string>>;
  /** Whether the numbers of ambiguous contacts are shown. */
  readonly withNumbers: boolean;
}

/**
 * The report as one HTML page that loads nothing and runs no script. Every number of a plot is also in a table, in a section with
 * an ID, as `<data value>`: for people who want it exactly, and for programs.
 */
export function renderReport({ progress, data, plots, withNumbers }: ReportPage): string {
  const { campaignId, state, stateReason, readAt, limits, rulesVersion } = progress;
  const { answered, ended, unclassified, ambiguous, ambiguousTotal } = data;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>Campaign ${campaignId}</title>
        <style>
          ${raw(STYLE)}
        </style>
      </head>
      <body>
        <h1>Campaign ${campaignId}</h1>
        <p>
          ${state}${stateReason === undefined ? '' : ` (${stateReason})`}; read ${readAt}. ${limits.callsAtOnce} calls
          at once, ${limits.callsPerSecond} a second; rules version ${rulesVersion}.
        </p>
        <dl id="summary">
          ${fact('contacts reached', share(data.contacts['done'] ?? 0, data.funnel[0]?.contacts ?? 0))}
          ${fact('calls answered', share(answered, ended))} ${fact('calls unclassified', share(unclassified, ended))}
          ${fact('ambiguous attempts', amount(ambiguousTotal))}
        </dl>
        ${section('reached', 'Contacts', { plot: plots['funnel'], table: funnelTable(data) })}
        ${section('contacts', 'Contacts by state', { table: counts('state', data.contacts) })}
        ${section('outcomes', 'Outcomes', { plot: plots['dispositions'], table: counts('disposition', byDisposition(data)) })}
        ${section('outcomes-by-attempt', 'Outcomes by attempt', { plot: plots['byAttempt'], table: attemptTable(data) })}
        ${section('hours', 'Calls by hour of day', { plot: plots['byHour'], table: hourTable(data) })}
        ${section('answer-rate', 'Answer rate by hour of day', { plot: plots['answerRate'] })}
        ${section('calls-to-each-contact', 'Calls to each contact', { plot: plots['callsPerContact'], table: perContactTable(data) })}
        ${section('pace', 'Pace', { plot: plots['pace'], table: paceTable(data) })}
        ${section('attempts', 'Attempts by state', { table: counts('state', data.attempts) })}
        <section id="ambiguous">
          <h2>Ambiguous attempts</h2>
          <p>PolyAI may have dialled these contacts or not. They are not dialled again unless somebody says so.</p>
          ${ambiguousTotal === 0 ? html`<p>None.</p>` : ambiguousTable(ambiguous, withNumbers)}
          ${
            ambiguousTotal > ambiguous.length
              ? html`<p>
                  ${amount(ambiguousTotal - ambiguous.length)} more; to list all attempts:
                  <code>temporal-polyai campaign export ${campaignId} --attempts --format csv</code>
                </p>`
              : ''
          }
        </section>
      </body>
    </html> `.markup;
}

/** Markup, as opposed to text. */
class Html {
  constructor(readonly markup: string) {}
}

type Part = Html | string | number;

/** Markup from a template: each text that is put in is escaped. */
function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const filled = parts.map((part) => (part instanceof Html ? part.markup : escaped(String(part))));
  return new Html(strings.map((string, index) => string + (filled[index] ?? '')).join(''));
}

function raw(markup: string): Html {
  return new Html(markup);
}

function joined(parts: readonly Html[]): Html {
  return raw(parts.map(({ markup }) => markup).join('\n'));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return plainText(text).replaceAll(/[&<>"']/g, (character) => ENTITIES[character]!);
}

function fact(name: string, value: Html): Html {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}

interface SectionContent {
  readonly plot?: string | undefined;
  readonly table?: Html;
}

function section(id: string, title: string, { plot, table }: SectionContent): Html {
  return html`<section id="${id}">
    <h2>${title}</h2>
    ${plot === undefined ? '' : raw(plot)}
    ${
      table
        ? html`<details ${raw(plot === undefined ? 'open' : '')}>
            <summary>Numbers</summary>
            ${table}
          </details>`
        : ''
    }
  </section>`;
}

function tableOf(head: readonly string[], rows: readonly (readonly Part[])[]): Html {
  const cells = (row: readonly Part[]) =>
    joined(row.map((cell) => html`<td>${typeof cell === 'number' ? amount(cell) : cell}</td>`));
  return html`<table>
    <thead>
      <tr>
        ${joined(head.map((name) => html`<th scope="col">${name}</th>`))}
      </tr>
    </thead>
    <tbody>
      ${joined(
        rows.map(
          (row) =>
            html`<tr>
              ${cells(row)}
            </tr>`,
        ),
      )}
    </tbody>
  </table>`;
}

function funnelTable({ funnel }: ReportData): Html {
  return tableOf(
    ['step', 'contacts'],
    funnel.map(({ step, contacts }) => [step, contacts]),
  );
}

function counts(name: string, values: Readonly<Partial<Record<string, number>>>): Html {
  const rows = Object.entries(values).map(([key, count = 0]) => [key, count]);
  return tableOf([name, 'count'], rows);
}

function byDisposition({ dispositions }: ReportData): Record<string, number> {
  return Object.fromEntries(dispositions.map(({ disposition, calls }) => [disposition, calls]));
}

function attemptTable({ byAttempt }: ReportData): Html {
  const rows = byAttempt.map(({ attempt, disposition, calls }) => [attempt, disposition, calls]);
  return tableOf(['attempt', 'disposition', 'calls'], rows);
}

function hourTable({ byHour }: ReportData): Html {
  const rows = byHour.filter(({ calls }) => calls > 0);
  return tableOf(
    ['hour', 'calls', 'answered'],
    rows.map(({ hour, calls, answered }) => [`${hour}:00`, calls, share(answered, calls)]),
  );
}

function perContactTable({ callsPerContact }: ReportData): Html {
  return tableOf(
    ['calls', 'contacts'],
    callsPerContact.map(({ calls, contacts }) => [calls, contacts]),
  );
}

/** Without the spans in which nobody was called. */
function paceTable({ pace }: ReportData): Html {
  const rows = pace.filter(({ calls }) => calls > 0);
  return tableOf(
    ['from', 'to', 'calls'],
    rows.map(({ from, to, calls }) => [from.toISOString(), to.toISOString(), calls]),
  );
}

function ambiguousTable(attempts: readonly AmbiguousAttempt[], withNumbers: boolean): Html {
  const head = ['contact', 'reference', ...(withNumbers ? ['number'] : []), 'attempt', 'at', 'reason'];
  const rows = attempts.map(({ contactId, reference, number, attemptId, at, reason }) => {
    return [contactId, reference, ...(withNumbers ? [number] : []), attemptId, at, reason];
  });
  return tableOf(head, rows);
}

/** `1,234`, and 1234 for programs. */
function amount(count: number): Html {
  return html`<data value="${count}">${count.toLocaleString('en')}</data>`;
}

/** `3 of 4 (75 %)`. */
function share(part: number, total: number): Html {
  const percent = total === 0 ? 0 : (part / total) * 100;
  return html`${amount(part)} of ${amount(total)} (${percent.toLocaleString('en', { maximumFractionDigits: 1 })} %)`;
}

const STYLE = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #1f2328; }
h2 { margin-top: 2.5rem; }
dl { display: flex; flex-wrap: wrap; gap: 1rem 2rem; }
dt { color: #59636e; font-size: 0.9rem; }
dd { margin: 0; font-size: 1.3rem; }
svg { max-width: 100%; height: auto; }
table { border-collapse: collapse; font-size: 0.9rem; }
th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid #d1d9e0; overflow-wrap: anywhere; }
`;
