export type { AccountConfig } from './account-config.js';
export { baseUrlSchema, REGION_LIST, regionSchema } from './endpoint.js';
export { loadAccounts, type Environment } from './load-accounts.js';
export { openAccounts, type OpenAccount, type OpenAccounts } from './open-accounts.js';
