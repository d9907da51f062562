// @ts-check
import { OptionDefaults } from 'typedoc';

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'temporal-polyai',
  entryPoints: ['src/*.ts'],
  exclude: ['src/worker.ts'],
  tsconfig: 'tsconfig.build.json',
  readme: 'docs/reference/entry-points.md',
  out: 'build/api',
  // A link to a source needs the address of a repository, which a copy without a git remote does not have.
  disableSources: true,
  // The JSON Schema is made from these, too.
  blockTags: [...OptionDefaults.blockTags, '@asType', '@format', '@maxLength', '@minimum', '@pattern'],
  excludeTags: ['@asType'],
  treatWarningsAsErrors: true,
};
