/** A phone number in E.164: no separators, and no country code begins with 0. */
export const E164_NUMBER = /^\+[1-9]\d{6,14}$/;
