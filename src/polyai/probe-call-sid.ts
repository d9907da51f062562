/** A well-formed SID of no call: asking for it tells whether the token is accepted. */
export const PROBE_CALL_SID = 'OUT-00000000-0000-0000-0000-000000000000';
