import { resolve } from 'node:path';

/** The store of a worker that configures none: a file in the working directory. */
export const DEFAULT_OUTCOMES_URL = 'sqlite:.temporal-polyai/outcomes.sqlite';

/** What an outcomes URL may be, for error messages. */
export const OUTCOMES_URL_EXPECTATION =
  'it must be "sqlite:path/to/file", "postgres://user:password@host/database", or "off"';

/** The store that an outcomes URL names. */
export type OutcomesTarget =
  | { readonly kind: 'off' }
  | { readonly kind: 'sqlite'; readonly path: string; readonly redactedUrl: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly redactedUrl: string };

/**
 * Parses an outcomes URL: `sqlite:` and a path, absolute or relative to the working directory; `postgres://…` or
 * `postgresql://…`; or `off`. It opens nothing. `redactedUrl` is the URL without credentials.
 *
 * @throws TypeError when it is none of them; the message does not show the URL, which may hold a password
 */
export function parseOutcomesUrl(url: string): OutcomesTarget {
  const text = url.trim();
  if (text.toLowerCase() === 'off') return { kind: 'off' };
  const target = sqliteTarget(text) ?? postgresTarget(text);
  if (target) return target;
  throw new TypeError(`not an outcomes URL: ${OUTCOMES_URL_EXPECTATION}`);
}

function sqliteTarget(text: string): OutcomesTarget | undefined {
  const file = /^sqlite:(.+)$/i.exec(text)?.[1];
  // Excludes in-memory databases, and `sqlite://`, which some programs take as absolute and others as relative.
  if (file === undefined || file.startsWith(':') || file.startsWith('//')) return undefined;
  const path = resolve(file);
  return { kind: 'sqlite', path, redactedUrl: `sqlite:${path}` };
}

function postgresTarget(text: string): OutcomesTarget | undefined {
  const url = /^postgres(?:ql)?:\/\//i.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  // With an unescaped character in the password, a part of the password would be in the path, which is not redacted.
  if (!url || url.pathname.includes('@')) return undefined;
  const host = url.host || (url.searchParams.get('host') ?? 'localhost');
  return { kind: 'postgres', url: text, redactedUrl: `postgresql://${host}${url.pathname}` };
}

/** An outcomes URL without credentials, for logs and messages. */
export function redactOutcomesUrl(url: string): string {
  const target = parseOutcomesUrl(url);
  return target.kind === 'off' ? 'off' : target.redactedUrl;
}
