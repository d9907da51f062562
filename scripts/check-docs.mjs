/**
 * Checks the documentation:
 * - every relative link leads to a file and, where it names one, to a heading;
 * - every file of this repository that is named in backticks exists;
 * - every `ts` code block compiles as a module against the built package, under its public names;
 * - every `python` and `go` code block is an excerpt of the examples, which `npm run test:languages` runs.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const WORK = join(ROOT, 'node_modules/.cache/check-docs');
/** The examples that have the code blocks of a language. */
const EXAMPLES = { python: 'examples/python', go: 'examples/go' };

const files = documents();
const problems = [
  ...files.flatMap(brokenLinks),
  ...files.flatMap(missingFiles),
  ...Object.entries(EXAMPLES).flatMap(([language, folder]) => notInExamples(language, folder)),
  ...compileErrors(files.flatMap((file) => codeBlocks(file, 'ts|typescript').map(withLineNumbers))),
];
for (const problem of problems) console.error(problem);
console.log(`${files.length} documents, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;

function documents() {
  const top = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md'].filter((file) => existsSync(join(ROOT, file)));
  const folders = ['docs', 'examples'].filter((folder) => existsSync(join(ROOT, folder)));
  const below = folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true }).map((file) => join(folder, file)),
  );
  return [...top, ...below.filter((file) => file.endsWith('.md')).sort()];
}

function brokenLinks(file) {
  const text = withoutInlineCode(withoutBlocks(read(file)));
  const inline = text.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)/g);
  const definitions = [...text.matchAll(/^\[([^\]]+)\]:\s*<?(\S+?)>?(?:\s|$)/gm)];
  const html = text.matchAll(/\b(?:href|src|srcset)="([^"]+)"/g);
  const targets = [...inline, ...html].map((match) => match[1]).concat(definitions.map((match) => match[2]));
  const labels = new Set(definitions.map((match) => match[1]));
  const references = [...text.matchAll(/\[([^\][]+)\](?![[(:])/g)].map((match) => match[1]);
  return [
    ...targets.filter((target) => !leadsSomewhere(file, target)).map((target) => `${file}: broken link ${target}`),
    ...references.filter((label) => !labels.has(label)).map((label) => `${file}: no link is defined for [${label}]`),
  ];
}

function missingFiles(file) {
  const named = [...withoutBlocks(read(file)).matchAll(/`((?:bench|docs|scripts|src|test)\/[\w./-]+)`/g)];
  const missing = named.map((match) => match[1]).filter((path) => !existsSync(join(ROOT, path)));
  return missing.map((path) => `${file}: no such file: ${path}`);
}

function leadsSomewhere(file, target) {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return true;
  const [path, anchor] = decodeURI(target).split('#');
  const linked = path === '' ? file : relative(ROOT, resolve(ROOT, dirname(file), path));
  if (linked.startsWith('..') || !existsSync(join(ROOT, linked))) return false;
  return anchor === undefined || !linked.endsWith('.md') || headingAnchors(linked).has(anchor);
}

/** Anchors as GitHub makes them. */
function headingAnchors(file) {
  const seen = new Map();
  const text = withoutBlocks(read(file));
  return new Set(
    [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map(([, heading]) => {
      const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').toLowerCase();
      const slug = plain.replace(/[^\p{L}\p{N}\s_-]/gu, '').replace(/\s/g, '-');
      const count = seen.get(slug) ?? 0;
      seen.set(slug, count + 1);
      return count === 0 ? slug : `${slug}-${count}`;
    }),
  );
}

function codeBlocks(file, language) {
  const blocks = read(file).matchAll(new RegExp(`^([ \\t]*)\`\`\`(?:${language})\\b.*\\n([\\s\\S]*?)^\\1\`\`\``, 'gm'));
  return [...blocks].map((match) => ({
    file,
    line: read(file).slice(0, match.index).split('\n').length,
    source: match[2],
  }));
}

/** So that the compiler's messages point into the document. */
function withLineNumbers({ file, line, source }) {
  return { file, name: `${file.replaceAll('/', '__')}.L${line}.ts`, source: '\n'.repeat(line) + source };
}

/** An excerpt is some whole lines of one file. */
function notInExamples(language, folder) {
  const sources = readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ parentPath, name }) => `\n${readFileSync(join(parentPath, name), 'utf8')}`);
  return files
    .flatMap((file) => codeBlocks(file, language))
    .filter(({ source }) => !sources.some((text) => text.includes(`\n${source}`)))
    .map(({ file, line }) => `${file}:${line}: this code is in no file of ${folder}`);
}

function compileErrors(blocks) {
  if (blocks.length === 0) return [];
  rmSync(WORK, { recursive: true, force: true });
  mkdirSync(join(WORK, 'node_modules'), { recursive: true });
  symlinkSync(ROOT, join(WORK, 'node_modules/temporal-polyai'), 'dir');
  writeFileSync(join(WORK, 'package.json'), JSON.stringify({ type: 'module' }));
  const tsconfig = { extends: join(ROOT, 'tsconfig.json'), include: ['*.ts'], exclude: [] };
  writeFileSync(join(WORK, 'tsconfig.json'), JSON.stringify(tsconfig));
  for (const { name, source } of blocks) writeFileSync(join(WORK, name), `${source}\nexport {};\n`);

  const { stdout, status } = spawnSync(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', WORK], {
    cwd: WORK,
    encoding: 'utf8',
  });
  rmSync(WORK, { recursive: true, force: true });
  const messages = stdout.split('\n').filter(Boolean);
  if (status !== 0 && messages.length === 0) return ['the compiler failed without a message'];
  const documentOf = new Map(blocks.map(({ file, name }) => [name, file]));
  return messages.map((message) => message.replace(/^(\S+?\.L\d+\.ts)/, (name) => documentOf.get(name) ?? name));
}

function withoutBlocks(text) {
  return text.replace(/^[ \t]*(```|~~~)[\s\S]*?^[ \t]*\1/gm, '');
}

function withoutInlineCode(text) {
  return text.replace(/`[^`\n]*`/g, '');
}

function read(file) {
  return readFileSync(join(ROOT, file), 'utf8');
}
