/**
 * The import walls of the house: which folder under src/ may import what. Each wall is a list of what is allowed, so
 * that whatever nobody thought of is refused.
 */

const here = String.raw`\./(?!.*\.\.)`;
const folder = (name) => String.raw`(?:\.\./)+${name}/`;
const temporal = (...names) => `@temporalio/(?:${names.join('|')})$`;
const node = 'node:(?!process$)';

const contract = folder('contract');
const platform = folder('platform');

const PROCESS_ENV = 'Only src/worker/config.ts reads the environment; take what you need as an argument.';

/** Syntax that `no-restricted-syntax` refuses. Each use of that rule replaces the one before, hence the lists. */
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

const rules = [
  {
    folder: 'platform',
    may: [here, '@grpc/grpc-js$', temporal('client', 'common'), node],
    message: 'src/platform lies below all other rooms: @grpc/grpc-js, @temporalio/client and common, and node: only.',
  },
  {
    folder: 'contract',
    may: [here],
    message: 'src/contract imports nothing but itself: workflows, activities and clients all load it.',
  },
  {
    folder: 'polyai',
    may: [here, contract, platform, 'undici$', 'zod$', node],
    message: 'src/polyai knows the vendor and nothing of Temporal: contract, undici, zod and node: only.',
  },
  {
    folder: 'workflows',
    may: [here, contract, temporal('workflow', 'common')],
    typesOnly: [folder('activities')],
    message:
      'src/workflows runs in the sandbox: contract, itself, @temporalio/workflow and @temporalio/common, and activities with "import type".',
  },
  {
    folder: 'activities',
    may: [here, contract, platform, folder('polyai'), temporal('activity', 'client', 'common')],
    typesOnly: [folder('outcomes')],
    message:
      'src/activities: contract, polyai, @temporalio/activity, client and common, and outcomes with "import type".',
  },
  {
    folder: 'outcomes',
    may: [here, contract, platform, 'libsql$', 'pg$', node],
    message: 'src/outcomes knows databases and nothing of Temporal: contract, libsql, pg and node: only.',
  },
  {
    folder: 'client',
    may: [here, contract, platform, temporal('client', 'common')],
    typesOnly: [folder('workflows')],
    message: 'src/client: contract, @temporalio/client and @temporalio/common, and workflows with "import type".',
  },
  {
    folder: 'worker',
    may: [
      here,
      contract,
      platform,
      folder('polyai'),
      folder('activities'),
      folder('outcomes'),
      temporal('worker', 'client', 'common', 'envconfig'),
      'zod$',
      node,
    ],
    message:
      'src/worker: contract, platform, polyai, activities, outcomes, @temporalio/worker, client, common and envconfig, zod and node: only.',
  },
  {
    folder: 'simulator',
    may: [here, contract, 'zod$', node],
    message: 'src/simulator: contract, zod and node: only.',
  },
  {
    folder: 'playground',
    may: [
      here,
      contract,
      platform,
      folder('polyai'),
      folder('activities'),
      folder('outcomes'),
      folder('client'),
      folder('worker'),
      folder('simulator'),
      temporal('client', 'common', 'testing', 'worker'),
      'cli-table3$',
      node,
    ],
    message: 'src/playground: every room but cli and workflows.',
  },
];

function wall({ folder: name, may, typesOnly = [], message }) {
  const outside = { regex: `^(?!${[...may, ...typesOnly].join('|')})`, message };
  const forTypes = typesOnly.map((source) => ({ regex: `^${source}`, allowTypeImports: true, message }));
  return {
    files: [`src/${name}/**`],
    rules: {
      '@typescript-eslint/no-restricted-imports': ['error', { patterns: [outside, ...forTypes] }],
      'no-restricted-syntax': ['error', ...banned.everywhere, ...banned.environment, ...banned.dynamicImport],
    },
  };
}

export const walls = rules.map(wall);

/** The benchmark measures the build that users install, so it imports that build's entries. */
export const benchmarkWall = {
  regex: String.raw`\.\./(?:src|dist)/(?!playground/|polyai/client|contract/call)`,
  message: 'bench imports the public entries (temporal-polyai/…), the dev server, and the HTTP client for its loops.',
};
