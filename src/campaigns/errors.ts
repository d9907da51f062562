/** Something that a campaign, in its state, does not allow. */
export class CampaignError extends Error {
  override readonly name = 'CampaignError';

  constructor(
    message: string,
    readonly code: 'not-found' | 'wrong-state' | 'wrong-account' | 'invalid-number' | 'restored' | 'other-database',
  ) {
    super(message);
  }
}
