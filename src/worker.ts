import { main } from './worker/main.js';

await main();
