/** Text for the Web UI, which renders summaries and details as Markdown. Pure. */

/**
 * Text from outside on one line, with Markdown escaped. An underscore within a word is no Markdown, and stays: the Web UI's
 * timeline shows summaries as plain text, with the backslashes.
 */
export function escapeMarkdown(text: string): string {
  return text.replace(/\s+/g, ' ').replace(/[\\`*{}[\]<>#|!~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])/g, '\\$&');
}

const ISO_UTC = /^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.\d+)?Z$/;

/** An ISO 8601 time in UTC to the second: `2026-01-15 12:00:03 UTC`. Other text is escaped. */
export function markdownTime(iso: string): string {
  const [, date, time] = ISO_UTC.exec(iso) ?? [];
  return date && time ? `${date} ${time} UTC` : escapeMarkdown(iso);
}

/** A list with one item for each text. The Web UI gives the columns of a table no space, so it has no tables. */
export function markdownList(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
