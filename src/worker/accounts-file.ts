import { readFileSync } from 'node:fs';
import { type MemberNode, type ObjectNode, parse } from '@humanwhocodes/momoa';

import { isAccountName } from '../contract/call.js';

/** What an accounts file contains. No problem shows text of the file that may be a token. */
interface AccountsFile {
  /** The accounts by name, not yet validated. */
  readonly entries: readonly (readonly [name: string, value: unknown])[];
  readonly problems: readonly string[];
}

const EXAMPLE = '{ "acme": { "region": "us-1", "tokenFile": "/run/secrets/acme" } }';

/** Reads the JSON object in an accounts file. A byte order mark, which some editors write, is skipped. */
export function readAccountsFile(path: string): AccountsFile {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(path));
    const { body } = parse(text, { mode: 'json' });
    if (body.type !== 'Object') return failed(`the file must contain one object such as ${EXAMPLE}`);
    if (body.members.length === 0)
      return failed(`the file lists no account; it must contain an object such as ${EXAMPLE}`);
    return { entries: Object.entries(JSON.parse(text) as object), problems: duplicatesIn(body) };
  } catch (error) {
    return failed(problemOf(error));
  }
}

function failed(problem: string): AccountsFile {
  return { entries: [], problems: [problem] };
}

/** Leaves out the messages of the parsers: they show some of the text. */
function problemOf(error: unknown): string {
  const { code, line, column } = error as NodeJS.ErrnoException & { readonly line?: number; readonly column?: number };
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return 'the file is not UTF-8 text: save it as UTF-8';
  if (code !== undefined) return `the file cannot be read (${code})`;
  return line === undefined ? 'the file is not JSON' : `the file is not JSON: line ${line}, column ${column}`;
}

/** `JSON.parse` takes the last of two members with one name, without a word. */
function duplicatesIn(root: ObjectNode): string[] {
  const accounts = repeatedIn(root).map(
    (member) => `${shownName(member, isAccountName, '(an account)')}: is listed twice, again in line ${lineOf(member)}`,
  );
  const fields = root.members.flatMap((account) =>
    account.value.type === 'Object' ? repeatedIn(account.value).map((field) => describeField(account, field)) : [],
  );
  return [...accounts, ...fields];
}

function describeField(account: MemberNode, field: MemberNode): string {
  const name = shownName(field, (text) => /^[a-z]{1,20}$/i.test(text), 'a field');
  return `${shownName(account, isAccountName, '(an account)')}: has ${name} twice, again in line ${lineOf(field)}`;
}

function repeatedIn({ members }: ObjectNode): MemberNode[] {
  const names = new Set<string>();
  return members.filter((member) => {
    const name = nameOf(member);
    const isRepeated = names.has(name);
    names.add(name);
    return isRepeated;
  });
}

function nameOf({ name }: MemberNode): string {
  return name.type === 'String' ? name.value : name.name;
}

/** An invalid name may be anything, even a token, so it is not shown. */
function shownName(member: MemberNode, isName: (text: string) => boolean, otherwise: string): string {
  const name = nameOf(member);
  return isName(name) ? name : otherwise;
}

function lineOf({ name }: MemberNode): number {
  return name.loc.start.line;
}
