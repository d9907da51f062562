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
  const escapes = /^postgres/i.test(text) ? '; in user and password write @ : / ? # % as %40 %3A %2F %3F %23 %25' : '';
  throw new TypeError(`not an outcomes URL: ${OUTCOMES_URL_EXPECTATION}${escapes}`);
}

function sqliteTarget(text: string): OutcomesTarget | undefined {
  const file = /^sqlite:(.+)$/i.exec(text)?.[1];
  // Excludes in-memory databases, and `sqlite://`, which some programs take as absolute and others as relative.
  if (file === undefined || file.startsWith(':') || file.startsWith('//')) return undefined;
  const path = resolve(file);
  return { kind: 'sqlite', path, redactedUrl: `sqlite:${path}` };
}

function postgresTarget(text: string): OutcomesTarget | undefined {
  const url = parsePostgresUrl(text);
  if (!url) return undefined;
  const host = url.searchParams.get('host') ?? (url.hostname === NO_HOST ? 'localhost' : url.host || 'localhost');
  return { kind: 'postgres', url: text, redactedUrl: `postgresql://${host}${url.pathname}` };
}

const NO_HOST = 'no-host.invalid';
/** Query parameters whose values may contain an @. */
const ADDRESSES: readonly string[] = ['user', 'password'];

function parsePostgresUrl(text: string): URL | undefined {
  if (!/^postgres(?:ql)?:\/\//i.test(text)) return undefined;
  // A URL with a user needs a host. PostgreSQL's do not: the host may be a socket's folder, in the query.
  const complete = text.replace(/^([^/]*\/\/[^/?#]*@)(?=[/?]|$)/, `$1${NO_HOST}`);
  const url = URL.canParse(complete) ? new URL(complete) : undefined;
  // With an unescaped character in the password, a part of the password would be in one of these, which are not redacted.
  return url && [url.pathname, ...strayParts(url)].every((part) => !part.includes('@')) && !url.hash ? url : undefined;
}

function strayParts({ searchParams }: URL): string[] {
  return [...searchParams].flatMap(([name, value]) => (ADDRESSES.includes(name) ? [name] : [name, value]));
}

/** The passwords in an outcomes URL, also as they are before decoding, so that a text can be searched for them. */
export function passwordsOf(outcomesUrl: string): string[] {
  const url = parsePostgresUrl(outcomesUrl.trim());
  if (!url) return [];
  const { password, searchParams } = url;
  return [password, decoded(password), searchParams.get('password') ?? ''].filter(Boolean);
}

/** PostgreSQL's client leaves a password as it is when a % in it begins no escape. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** An outcomes URL without credentials, for logs and messages. */
export function redactOutcomesUrl(url: string): string {
  const target = parseOutcomesUrl(url);
  return target.kind === 'off' ? 'off' : target.redactedUrl;
}
