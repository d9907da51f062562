import type { PolyAiClient } from 'temporal-polyai/activities';

/** What is known about a contact after a call. */
export interface ContactResult {
  readonly contactId: string;
  /** Empty if the call could not be triggered. */
  readonly callSid: string;
  /** How often the contact was called. */
  readonly calls: number;
  readonly status: 'success' | 'failure' | 'unknown';
  readonly reason: string;
}

/** Your database. */
export interface ContactBook {
  phoneNumberOf(contactId: string): Promise<string>;
  write(result: ContactResult): Promise<void>;
}

export interface ContactActivities {
  callContact(contactId: string): Promise<{ callSid: string }>;
  writeResult(result: ContactResult): Promise<void>;
}

export function createContactActivities(polyAi: PolyAiClient, contacts: ContactBook): ContactActivities {
  return {
    callContact: async (contactId) => await polyAi.triggerCall({ toNumber: await contacts.phoneNumberOf(contactId) }),
    writeResult: async (result) => await contacts.write(result),
  };
}
