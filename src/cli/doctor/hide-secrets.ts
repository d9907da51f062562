import type { WorkerConfig } from '../../worker/config.js';
import type { Finding } from './check.js';
import type { Installation } from './read-installation.js';

/** Shorter text may be a part of any word. */
const MIN_SECRET_LENGTH = 4;

/** A finding without these secrets, whoever has put them into a message. */
export function hideSecrets({ state, found, remedy }: Finding, secrets: readonly string[]): Finding {
  const hide = (text: string): string =>
    secrets.reduce((shown, secret) => shown.replaceAll(secret, '[redacted]'), text);
  return { state, found: hide(found), ...(remedy !== undefined && { remedy: hide(remedy) }) };
}

/** What no output may show. */
export async function secretsOf({ worker, temporal, outcomesUrl = '' }: Installation): Promise<string[]> {
  const apiKey = temporal?.connectionOptions.apiKey;
  const { password } = URL.canParse(outcomesUrl) ? new URL(outcomesUrl) : { password: '' };
  const tokens = await Promise.all((worker?.accounts ?? []).map(readToken));
  const secrets = [typeof apiKey === 'string' ? apiKey : '', password, decoded(password), ...tokens];
  return secrets.filter((secret) => secret.length >= MIN_SECRET_LENGTH);
}

/** A lone % is no escape, and PostgreSQL's client takes it as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

async function readToken({ token }: WorkerConfig['accounts'][number]): Promise<string> {
  try {
    return (await token({ afterRefusal: false })).trim();
  } catch {
    // Its own check says so.
    return '';
  }
}
