/** A build's worker process, as `npm start` runs it. */
import { pathToFileURL } from 'node:url';
import { shutDownWithParent } from './child-process.js';

shutDownWithParent();
await import(pathToFileURL(process.env['BENCH_WORKER'] ?? '').href);
