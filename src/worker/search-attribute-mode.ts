/**
 * Whether monitors write the search attributes `PolyAiCallStatus` and `PolyAiAlarm`:
 * - `auto`: those that the namespace has, by asking the server;
 * - `on`: both, without asking. In a namespace that lacks one of them, no monitor gets past its first status;
 * - `off`: neither.
 */
export type SearchAttributeMode = 'auto' | 'on' | 'off';

export const SEARCH_ATTRIBUTE_MODES: readonly SearchAttributeMode[] = ['auto', 'on', 'off'];
