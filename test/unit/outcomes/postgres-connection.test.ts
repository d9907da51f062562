import { expect, test } from 'vitest';

import { explainPostgresError } from '../../../src/outcomes/postgres-connection.js';

const URL = 'postgres://polyai@db/calls';
const coded = (code: string, message = code): Error => Object.assign(new Error(message), { code });

test.each([
  [
    'a missing password',
    new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'),
    'unauthenticated',
  ],
  ['a server without TLS', new Error('The server does not support SSL connections'), 'unusable'],
  ['a certificate of its own', coded('SELF_SIGNED_CERT_IN_CHAIN'), 'unusable'],
  ['a certificate of another host', coded('ERR_TLS_CERT_ALTNAME_INVALID'), 'unusable'],
])('%s does not pass by itself', (_what, error, code) => {
  expect(explainPostgresError(URL, error)).toMatchObject({ code, isTransient: false });
});

test.each([coded('ECONNREFUSED'), coded('57P01'), new Error('Connection terminated unexpectedly')])(
  'the connection may be there again after: %s',
  (error) => {
    expect(explainPostgresError(URL, error)).toMatchObject({ code: 'unreachable', isTransient: true });
  },
);
