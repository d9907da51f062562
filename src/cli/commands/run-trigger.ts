import { text } from 'node:stream/consumers';

import { E164_NUMBER } from '../../contract/phone-number.js';
import { errorMessage } from '../../platform/error-message.js';
import { InterruptedError } from '../../platform/interruption.js';
import { print, printError, printJson } from '../../platform/printing.js';
import { PolyAiClient } from '../../polyai/client.js';
import { PolyAiError } from '../../polyai/errors.js';
import type { AccountConfig } from '../../worker/accounts.js';
import { loadWorkerConfig } from '../../worker/config.js';
import { Dialog, isConfirmed } from '../dialog.js';
import { CliError, EXIT_CODES, type ExitCode } from '../terminal.js';

type Call = Parameters<PolyAiClient['triggerCall']>[0];

export interface TriggerFlags {
  readonly to?: string;
  readonly countryCode?: string;
  readonly metadata?: Readonly<Record<string, string>>;
  readonly encryption?: NonNullable<Call['encryption']>;
  readonly account?: string;
  readonly yes?: boolean;
  readonly json?: boolean;
}

/** Runs `trigger`: dials, and prints the call SID. No output shows the phone number. */
export async function runTrigger(flags: TriggerFlags): Promise<ExitCode> {
  const { accounts, requestTimeoutMs } = loadWorkerConfig();
  const account = accountNamed(accounts, flags.account);
  const dialog = process.stdin.isTTY ? new Dialog() : undefined;
  try {
    const toNumber = parseNumber(flags.to ?? (await readNumber(dialog)), flags.countryCode);
    if (!flags.yes && !(await isConfirmed(questionAbout(toNumber, account), dialog))) {
      printError('not dialled');
      return EXIT_CODES.error;
    }
    const { countryCode, metadata, encryption } = flags;
    const callSid = await dial({ toNumber, countryCode, metadata, encryption }, { ...account, requestTimeoutMs });
    if (flags.json) printJson({ callSid });
    else print(callSid);
    if (process.stdout.isTTY) printError(`to follow it: temporal-polyai monitor ${callSid} --not-found-grace 10s`);
    return EXIT_CODES.done;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    printError('\nnot dialled');
    return EXIT_CODES.interrupted;
  } finally {
    dialog?.close();
  }
}

function accountNamed(accounts: readonly AccountConfig[], wanted: string | undefined): AccountConfig {
  const account = accounts.find(({ name }) => name === wanted);
  if (account) return account;
  const names = accounts.flatMap(({ name }) => name ?? []).join(', ');
  const problem = wanted === undefined ? 'there is no default account' : `there is no account "${wanted}"`;
  throw new CliError(`${problem}; choose one with --account: ${names || 'none is configured'}`, EXIT_CODES.usage);
}

const NATIONAL = /^\d{4,15}$/;

/** @throws {CliError} which does not show the number */
function parseNumber(given: string, countryCode: string | undefined): string {
  // Not line feeds: two lines are not one number.
  const number = given.trim().replaceAll(/[ \t\u00a0().-]/g, '');
  if (E164_NUMBER.test(number) || (countryCode !== undefined && NATIONAL.test(number))) return number;
  const expected = 'expected one such as +14155550123, or a national one with --country-code';
  throw new CliError(`that is not a phone number: ${expected}`, EXIT_CODES.usage);
}

async function readNumber(dialog: Dialog | undefined): Promise<string> {
  return dialog ? await dialog.ask('Phone number to dial: ') : (await text(process.stdin)).trim();
}

function questionAbout(number: string, { name, baseUrl }: AccountConfig): string {
  const account = name === undefined ? '' : `, account ${name}`;
  return `Dial the number that ends in ${number.slice(-2)}, through ${baseUrl}${account}? [y/N] `;
}

type Access = Pick<AccountConfig, 'baseUrl' | 'token'> & { readonly requestTimeoutMs: number };

async function dial(call: Call, { baseUrl, token, requestTimeoutMs }: Access): Promise<string> {
  const polyAi = new PolyAiClient({ baseUrl, token, requestTimeoutMs });
  try {
    return (await polyAi.triggerCall(call)).callSid;
  } catch (error) {
    if (!(error instanceof PolyAiError)) throw error;
    const isUnknown = !error.notSent && ['PolyAiUnavailable', 'InvalidResponse'].includes(error.kind);
    throw new CliError(
      isUnknown
        ? `the call may have been dialled, look in PolyAI before you trigger it again: ${errorMessage(error)}`
        : `not dialled: ${errorMessage(error)}`,
    );
  } finally {
    await polyAi.close();
  }
}
