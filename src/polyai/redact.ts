const PHONE_NUMBER = /\+\d[\d\s().-]{5,18}\d/g;
const MAX_TEXT_LENGTH = 500;

/** Makes text from the API fit to be kept: no `secrets`, no phone number in E.164 form, at most 500 characters. */
export function redact(text: string, secrets: readonly string[]): string {
  let redacted = text;
  for (const secret of secrets) {
    if (secret !== '') redacted = redacted.replaceAll(secret, '[redacted]');
  }
  redacted = redacted.replace(PHONE_NUMBER, '[phone number]');
  return redacted.length <= MAX_TEXT_LENGTH ? redacted : `${redacted.slice(0, MAX_TEXT_LENGTH - 1)}…`;
}
