/** @param {string} name @param {string} value */
export function positive(name, value) {
  const number = Number(value);
  if (number > 0 && Number.isFinite(number)) return number;
  throw new TypeError(`--${name} must be a number above 0, not "${value}"`);
}

/** Numbers above 0. @param {string} name @param {string} text @param {string} separator */
export function list(name, text, separator = ',') {
  return text.split(separator).map((value) => positive(name, value));
}
