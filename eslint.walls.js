/**
 * The import rules: which folder of src/ may import what. Each rule lists what is allowed, so that everything else is
 * rejected. The folders are in order: each imports only folders above it.
 */

const PROCESS_ENV =
  'Only src/worker/config.ts, src/worker/environment.ts and src/playground/executables.ts read the environment; take what you need as an argument.';

/** Syntax that `no-restricted-syntax` rejects. Each use of that rule replaces the one before, hence the lists. */
export const banned = {
  everywhere: [
    { selector: 'ExportDefaultDeclaration', message: 'Export by name.' },
    { selector: 'ExportAllDeclaration', message: 'Re-export by name, so that what is public is seen.' },
    { selector: 'TSEnumDeclaration', message: 'Use `as const` and a union.' },
  ],
  environment: [
    { selector: 'MemberExpression[property.name="env"][object.name="process"]', message: PROCESS_ENV },
    { selector: 'MemberExpression[property.value="env"][object.name="process"]', message: PROCESS_ENV },
    { selector: 'MemberExpression[property.name="env"][object.property.name="process"]', message: PROCESS_ENV },
    { selector: 'VariableDeclarator[init.name="process"] Property[key.name="env"]', message: PROCESS_ENV },
    { selector: 'ImportDeclaration[source.value=/^(node:)?process$/]', message: PROCESS_ENV },
  ],
  dynamicImport: [{ selector: 'ImportExpression', message: 'Import statically, so that lint sees what is loaded.' }],
};

const CAMPAIGNS = {
  folder: 'campaigns',
  folders: ['contract', 'platform', 'outcomes'],
  packages: ['flatqueue', 'libphonenumber-js/min', 'libsql', 'pg', 'temporal-polyfill', 'zod'],
  node: true,
};

const FOLDERS = [
  { folder: 'contract' },
  {
    folder: 'platform',
    packages: [
      ...['@grpc/grpc-js', '@temporalio/client', '@temporalio/common', '@temporalio/common/lib/time.js'],
      '@temporalio/common/lib/internal-non-workflow/index.js',
    ],
    node: true,
  },
  {
    folder: 'polyai',
    folders: ['contract', 'platform'],
    packages: ['@opentelemetry/api', 'undici', 'zod'],
    node: true,
  },
  { folder: 'outcomes', folders: ['contract', 'platform'], packages: ['libsql', 'pg'], node: true },
  CAMPAIGNS,
  {
    folder: 'activities',
    folders: ['contract', 'platform', 'polyai'],
    types: ['outcomes', 'campaigns'],
    packages: ['@temporalio/activity', '@temporalio/client', '@temporalio/common'],
  },
  // Runs in the workflow sandbox.
  {
    folder: 'workflows',
    folders: ['contract'],
    types: ['activities'],
    packages: ['@temporalio/workflow', '@temporalio/common'],
  },
  {
    folder: 'client',
    folders: ['contract', 'platform'],
    packages: ['@temporalio/client', '@temporalio/common', '@temporalio/common/lib/time.js'],
    node: true,
  },
  { folder: 'simulator', folders: ['contract'], packages: ['zod'], node: true },
  {
    folder: 'nexus',
    folders: ['contract'],
    packages: ['@temporalio/nexus', '@temporalio/client', '@temporalio/common', 'nexus-rpc'],
  },
  {
    folder: 'worker',
    folders: ['contract', 'platform', 'polyai', 'outcomes', 'campaigns', 'activities'],
    packages: [
      ...['@temporalio/worker', '@temporalio/common', '@temporalio/envconfig', '@humanwhocodes/momoa', 'zod'],
      '@temporalio/interceptors-opentelemetry',
      String.raw`@opentelemetry/(?:api|exporter-trace-otlp-(?:grpc|proto)|resources|sdk-trace-node)`,
    ],
    node: true,
  },
  {
    folder: 'testing',
    folders: ['contract', 'platform', 'polyai', 'activities', 'simulator', 'worker'],
    types: ['outcomes'],
    packages: ['@temporalio/activity', '@temporalio/common', '@temporalio/worker'],
  },
  {
    folder: 'playground',
    folders: ['contract', 'platform', 'polyai', 'outcomes', 'campaigns', 'client', 'simulator', 'worker'],
    packages: ['@temporalio/client', '@temporalio/common', '@temporalio/worker', 'cli-table3'],
    node: true,
  },
];

const CLI = {
  folder: 'cli',
  folders: [
    ...['contract', 'platform', 'polyai', 'outcomes', 'campaigns', 'workflows', 'client', 'simulator', 'worker'],
    'playground',
  ],
  packages: [
    '@bomb.sh/tab/commander',
    '@temporalio/client',
    '@temporalio/common',
    '@temporalio/common/lib/time.js',
    'commander',
    '@observablehq/plot',
    'csv-parse',
    'csv-stringify/sync',
    'libphonenumber-js/max',
    'linkedom',
    'undici',
  ],
  node: true,
  // A command loads what it needs when it runs, so that `--help` is quick.
  dynamicImports: true,
};

function wall({ folder, folders = [], types = [], packages = [], node = false, dynamicImports = false, within = '' }) {
  const message = `src/${folder} may import: ${[
    'itself',
    ...folders,
    ...types.map((name) => `${name} (import type)`),
    ...packages,
    ...(node ? ['node:'] : []),
  ].join(', ')}.`;
  const allowed = [
    String.raw`\./(?!.*\.\.)`,
    // Some folders up are still the same folder.
    ...(within ? [String.raw`(?:\.\./){1,${within.split('/').length - 1}}(?!.*\.\.)`] : []),
    ...[...folders, ...types].map(pathOf),
    ...packages.map((name) => `${name}$`),
    ...(node ? ['node:(?!process$)'] : []),
  ];
  const forTypes = types.map((name) => ({ regex: `^${pathOf(name)}`, allowTypeImports: true, message }));
  return {
    files: [`src/${folder}/${within}**`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        { patterns: [{ regex: `^(?!${allowed.join('|')})`, message }, ...forTypes] },
      ],
      'no-restricted-syntax': [
        'error',
        ...banned.everywhere,
        ...banned.environment,
        ...(dynamicImports ? [] : banned.dynamicImport),
      ],
    },
  };
}

function pathOf(folder) {
  return String.raw`(?:\.\./)+${folder}/`;
}

/** The entries, src/*.ts, import any folder. No folder imports an entry, for no list above has one. */
const entryWall = {
  files: ['src/*.ts'],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: String.raw`^(?!\./(?:${[...FOLDERS, CLI].map(({ folder }) => folder).join('|')})/)`,
            message: 'An entry (src/*.ts) imports folders of src/ only.',
          },
        ],
      },
    ],
  },
};

export const walls = [
  ...FOLDERS.map(wall),
  wall({ ...CAMPAIGNS, within: '*/' }),
  wall(CLI),
  wall({ ...CLI, within: '*/' }),
  wall({ ...CLI, within: '*/*/' }),
  entryWall,
];

/** The benchmark measures the build that users install, so it imports that build's entries. */
export const benchmarkWall = {
  regex: String.raw`\.\./(?:src|dist)/(?!playground/|polyai/client|contract/call)`,
  message: 'bench imports the public entries (temporal-polyai/…), the dev server, and the HTTP client for its loops.',
};
