import { createServer } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { expect, test } from 'vitest';

import { checkTemporal } from '../../../../src/cli/doctor/temporal-connection.js';
import type { TemporalConfig } from '../../../../src/worker/temporal-config.js';
import { refusingServer, useServers } from '../../../unit/cli/doctor/refusing-server.js';
import { selfSigned } from '../../../support/self-signed-certificate.js';

const addressOf = useServers();
const refusing = (status: number, message: string) => addressOf(refusingServer(status, message));

async function findingAt(address: string, options: Partial<TemporalConfig['connectionOptions']> = {}) {
  const { finding, access } = await checkTemporal({
    address,
    namespace: 'default',
    connectionOptions: { address, ...options },
  });
  expect(access).toBeUndefined();
  expect(finding.state).toBe('failure');
  return finding;
}

test.concurrent('a closed port is reported, with how to start a server', async () => {
  const { found, remedy } = await findingAt('127.0.0.1:1');
  expect(found).toBe('nothing answers at 127.0.0.1:1 (ECONNREFUSED)');
  expect(remedy).toContain('temporal-polyai dev');
});

test.concurrent('a host name without an address is reported', async () => {
  const { found, remedy } = await findingAt('temporal.invalid:7233');
  expect(found).toMatch(/nothing answers at temporal\.invalid:7233 \((ENOTFOUND|EAI_AGAIN|no answer)\)/);
  expect(remedy).toContain('TEMPORAL_ADDRESS');
});

test.concurrent('a listener that is not Temporal is told apart from a closed port', async () => {
  const address = await addressOf(createServer());
  const { found, remedy } = await findingAt(address);
  expect(found).toContain(`something listens at ${address}, but it is not Temporal`);
  expect(remedy).toContain('TEMPORAL_ADDRESS');
});

test.concurrent('a server that expects TLS is reported with the variable that turns it on', async () => {
  const address = await addressOf(createTlsServer({ ...selfSigned(), ALPNProtocols: ['h2'] }));
  const { found, remedy } = await findingAt(address);
  expect(found).toBe(`${address} uses TLS, and TLS is off here`);
  expect(remedy).toContain('TEMPORAL_TLS=true');
});

test.concurrent('an untrusted certificate is reported', async () => {
  const address = await addressOf(createTlsServer({ ...selfSigned(), ALPNProtocols: ['h2'] }));
  const { found, remedy } = await findingAt(address, { tls: true });
  expect(found).toContain('not over TLS: DEPTH_ZERO_SELF_SIGNED_CERT');
  expect(remedy).toContain('TEMPORAL_TLS_SERVER_CA_CERT_PATH');
});

test.concurrent('a server that requires a client certificate is reported', async () => {
  const certificate = selfSigned();
  const server = createTlsServer({ ...certificate, ca: certificate.cert, requestCert: true, ALPNProtocols: ['h2'] });
  const address = await addressOf(server);
  const { found, remedy } = await findingAt(address, {
    tls: { serverRootCACertificate: Buffer.from(certificate.cert), serverNameOverride: 'localhost' },
  });
  expect(found).toMatch(/not over TLS: .*CERTIFICATE_REQUIRED/);
  expect(remedy).toContain('TEMPORAL_TLS_CLIENT_CERT_PATH');
});

test.concurrent('a rejected API key is reported, and not shown', async () => {
  const address = await refusing(16, 'Request unauthorized.');
  const { found, remedy } = await findingAt(address, { apiKey: 'key-90210', tls: false });
  expect(found).toBe(`${address} rejects the credentials: Request unauthorized.`);
  expect(remedy).toContain('TEMPORAL_API_KEY');
  expect(found + remedy!).not.toContain('key-90210');
});

test.concurrent('another gRPC server is not mistaken for Temporal', async () => {
  const address = await refusing(12, 'unknown service');
  const { found } = await findingAt(address);
  expect(found).toContain('not as Temporal does');
});
