import { expect, test } from 'vitest';

import { escapeMarkdown, markdownTime } from '../../../src/workflows/markdown.js';

test.each([
  ['[click](https://x)\n**now**', String.raw`\[click\](https://x) \*\*now\*\*`],
  ['<img src=x> ~~gone~~ &amp; `code` | # 1', String.raw`\<img src=x\> \~\~gone\~\~ \&amp; \`code\` \| \# 1`],
  ['_on hold_ __now__', String.raw`\_on hold\_ \_\_now\_\_`],
  ['on_hold', 'on_hold'],
])('text from outside is no Markdown: %j', (text, escaped) => {
  expect(escapeMarkdown(text)).toBe(escaped);
});

test('a time is shown to the second, and what is none as escaped text', () => {
  expect(markdownTime('2026-01-15T12:00:03.999Z')).toBe('2026-01-15 12:00:03 UTC');
  expect(markdownTime('*soon*')).toBe(String.raw`\*soon\*`);
});
