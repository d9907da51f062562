import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import { createNodeResolver, flatConfigs as importX, importX as importXPlugin } from 'eslint-plugin-import-x';
import ts from 'typescript-eslint';
import { banned, benchmarkWall, walls } from './eslint.walls.js';

export default defineConfig(
  { ignores: ['**/dist/', 'build/', 'coverage/', '.temporal-polyai/', 'node_modules/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' } },

  js.configs.recommended,
  ts.configs.strictTypeChecked,
  ts.configs.stylisticTypeChecked,
  {
    plugins: { 'import-x': importXPlugin },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      ...importX.typescript.settings,
      'import-x/resolver-next': [
        createNodeResolver({
          extensionAlias: { '.js': ['.ts', '.js'] },
          conditionNames: ['types', 'import', 'default'],
        }),
      ],
    },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'off',
      'no-restricted-syntax': ['error', ...banned.everywhere],
      'import-x/no-duplicates': 'error',
      'import-x/no-self-import': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // `import { type A } from 'x'` still loads 'x' at run time, which the walls for types would not notice.
      '@typescript-eslint/no-import-type-side-effects': 'error',
      // `return respond(…)` as the last thing of a handler is clear enough.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // An empty environment variable or option is as good as none.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // Indexed access is unchecked only where the index is proven; the compiler cannot see that, a reader can.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },

  {
    files: ['src/**'],
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      // src/platform/printing.ts prints: text from outside must not reach a terminal as it is.
      'no-console': 'error',
      'no-restricted-syntax': ['error', ...banned.everywhere, ...banned.environment],
      'import-x/no-extraneous-dependencies': ['error', { devDependencies: false }],
    },
  },
  ...walls,
  {
    files: ['bench/**'],
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [benchmarkWall] }],
    },
  },
  {
    files: ['src/worker/{config,environment}.ts', 'src/playground/executables.ts'],
    rules: { 'no-restricted-syntax': ['error', ...banned.everywhere] },
  },

  {
    files: ['test/**'],
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      // Fakes implement asynchronous interfaces with nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // Tests take ASCII apart to build odd inputs.
      '@typescript-eslint/no-misused-spread': 'off',
    },
  },
  // What vitest and others load by its default export.
  {
    files: ['*.config.{js,ts}', 'scripts/summary-reporter.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [ts.configs.disableTypeChecked],
    languageOptions: {
      globals: {
        console: 'readonly',
        process: 'readonly',
        setTimeout: 'readonly',
        clearTimeout: 'readonly',
        URL: 'readonly',
        fetch: 'readonly',
      },
    },
  },
);
