import { resolve } from 'node:path';

/** Where outcomes are kept when nothing else is said: a file in the working directory. */
export const DEFAULT_OUTCOMES_URL = 'sqlite:.temporal-polyai/outcomes.sqlite';

/** What POLYAI_OUTCOMES_URL may be, for error messages. */
export const OUTCOMES_URL_EXPECTATION =
  'it must be "sqlite:path/to/file", "postgres://user:password@host/database", or "off"';

/** What a URL of outcomes names. */
export type OutcomesTarget =
  | { readonly kind: 'off' }
  | { readonly kind: 'sqlite'; readonly path: string; readonly shown: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly shown: string };

/**
 * Reads a URL of outcomes, such as POLYAI_OUTCOMES_URL holds: `sqlite:` and a path, relative to the working directory or
 * absolute; `postgres://…` or `postgresql://…`; or `off`. Nothing is opened. `shown` is the place without credentials.
 *
 * @throws TypeError when it is none of them; its message does not show the URL, which may hold a password
 */
export function parseOutcomesUrl(url: string): OutcomesTarget {
  const text = url.trim();
  if (text.toLowerCase() === 'off') return { kind: 'off' };
  const target = sqliteTarget(text) ?? postgresTarget(text);
  if (target) return target;
  throw new TypeError(`not a place to keep outcomes: ${OUTCOMES_URL_EXPECTATION}`);
}

function sqliteTarget(text: string): OutcomesTarget | undefined {
  const file = /^sqlite:(.+)$/i.exec(text)?.[1];
  // In memory, nothing would be kept; and what follows `sqlite://` is absolute to some programs and relative to others.
  if (file === undefined || file.startsWith(':') || file.startsWith('//')) return undefined;
  const path = resolve(file);
  return { kind: 'sqlite', path, shown: `sqlite:${path}` };
}

function postgresTarget(text: string): OutcomesTarget | undefined {
  const url = /^postgres(?:ql)?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  // An unescaped character in the password would make a part of it the path, which is shown.
  if (!url || url.pathname.includes('@')) return undefined;
  const host = url.host || (url.searchParams.get('host') ?? 'localhost');
  return { kind: 'postgres', url: text, shown: `postgresql://${host}${url.pathname}` };
}

/** A URL of outcomes as it may be shown: without credentials. */
export function shownOutcomesUrl(url: string): string {
  const target = parseOutcomesUrl(url);
  return target.kind === 'off' ? 'off' : target.shown;
}
