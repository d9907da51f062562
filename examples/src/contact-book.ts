import type { ContactBook } from './activities.js';

/** Stands in for your database. */
export const contactBook: ContactBook = {
  phoneNumberOf: (contactId) => Promise.resolve(`+1415555${contactId.padStart(4, '0')}`),
  write: (result) => {
    console.log('result', result);
    return Promise.resolve();
  },
};
