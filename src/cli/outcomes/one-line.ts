import { stripVTControlCharacters } from 'node:util';

/** Text from outside may hold anything; a terminal gets one line of it, without its orders to the terminal. */
export function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim();
}
