import { readFileSync } from 'node:fs';

/** The instructions of the Dockerfile, comments and continued lines folded away. */
export const instructions = readFileSync(new URL('../../Dockerfile', import.meta.url), 'utf8')
  .replace(/^#.*\n/gm, '')
  .replace(/\\\n\s*/g, '')
  .split('\n')
  .filter(Boolean);

/** Those of the image itself. */
export const finalStage = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
