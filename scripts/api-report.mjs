/**
 * The public API of each entry point, as a report in review: `etc/api/<entry>.api.md`.
 *
 *   npm run check:api              fails when a report differs, or when a signature mentions a type that its entry does not export
 *   npm run check:api -- --update  writes the reports
 *
 * Reads the declarations in `dist`, so it needs `npm run build`.
 */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const ROOT = join(import.meta.dirname, '..');
const REPORTS = join(ROOT, 'etc/api');

const { values } = parseArgs({ options: { update: { type: 'boolean', default: false } } });
const { exports: entries } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));

mkdirSync(REPORTS, { recursive: true });
let failed = false;
for (const [path, { types } = {}] of Object.entries(entries)) {
  if (types !== undefined && !report(path === '.' ? 'index' : path.slice(2), types)) failed = true;
}
process.exitCode = failed ? 1 : 0;

function report(entry, types) {
  const config = ExtractorConfig.prepare({
    configObject: {
      projectFolder: ROOT,
      mainEntryPointFilePath: join(ROOT, types),
      compiler: { tsconfigFilePath: join(ROOT, 'tsconfig.build.json') },
      apiReport: {
        enabled: true,
        reportFileName: entry,
        reportFolder: REPORTS,
        reportTempFolder: join(ROOT, 'node_modules/.cache/temporal-polyai/api'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      tsdocMetadata: { enabled: false },
      newlineKind: 'lf',
      messages: {
        compilerMessageReporting: { default: { logLevel: ExtractorLogLevel.Error } },
        // The comments are TSDoc's plain part; what the editor shows is checked by reading.
        tsdocMessageReporting: { default: { logLevel: ExtractorLogLevel.None } },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // Every exported symbol is public; release tags would say the same on each.
          // Names and types of members say what a sentence would repeat.
          'ae-undocumented': { logLevel: ExtractorLogLevel.None },
          'ae-missing-release-tag': { logLevel: ExtractorLogLevel.None },
          'ae-unresolved-link': { logLevel: ExtractorLogLevel.None },
        },
      },
    },
    configObjectFullPath: undefined,
    packageJsonFullPath: join(ROOT, 'package.json'),
  });
  const { succeeded, apiReportChanged } = Extractor.invoke(config, {
    localBuild: values.update,
    messageCallback: (message) => {
      message.handled = message.logLevel !== ExtractorLogLevel.Error;
    },
  });
  if (apiReportChanged && !values.update) {
    console.error(
      `${entry}: the public API differs from etc/api/${entry}.api.md; run \`npm run check:api -- --update\``,
    );
  }
  return succeeded && (values.update || !apiReportChanged);
}
