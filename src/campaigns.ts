export { openCampaignStore } from './campaigns/open.js';
export type { SqlCampaignStoreOptions } from './campaigns/sql-store.js';
export {
  type AddedContacts,
  type Attempt,
  type Campaign,
  CampaignError,
  type CampaignStore,
  type Claim,
  type ClaimAnswer,
  type ClaimRequest,
  type Contact,
  type NewContact,
  type NotSent,
  type OpenCampaignStore,
  type PostingAnswer,
  type UncheckedCall,
  type Upkeep,
} from './campaigns/store.js';
export type { TerminalStatus } from './contract/call.js';
export type {
  AccountLimits,
  AttemptProblem,
  AttemptState,
  CampaignChange,
  CampaignProgress,
  CampaignState,
  ChangeCampaignInput,
  ContactState,
  VersionedRules,
} from './contract/campaign.js';
export type {
  CallingWindow,
  CampaignRules,
  CampaignRulesInput,
  Disposition,
  RetriedDisposition,
  Weekday,
} from './contract/campaign-rules.js';
export type { DurationInput } from './contract/duration.js';
