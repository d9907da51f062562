import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, onTestFinished } from 'vitest';

import { openOutcomeStore } from '../../../src/outcomes.js';
import { failed, succeeded, unseen } from '../../support/outcome-samples.js';
import { PostgresCluster, query } from '../../support/postgres-cluster.js';
import { messageOf, open } from './stores-under-test.js';

describe('a store on a PostgreSQL that is not there', () => {
  it('says where it looked, without the password', async () => {
    const message = await messageOf(openOutcomeStore('postgres://me:s3cret@localhost:1/calls'));
    expect(message).toContain('the outcome store postgresql://localhost:1/calls cannot be reached');
    expect(message).toContain('ECONNREFUSED');
    expect(message).not.toMatch(/s3cret|me:/);
  });

  it('gives up on a server that does not answer', async () => {
    const sockets: Socket[] = [];
    const server: Server = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await messageOf(openOutcomeStore(`postgres://me@127.0.0.1:${port}/calls`))).toContain('timeout');
  });
});

describe('a store on PostgreSQL', () => {
  let cluster: PostgresCluster;
  let url = '';

  beforeAll(async () => {
    cluster = await PostgresCluster.start(inject('postgresBinaries'));
  });
  afterAll(() => cluster.end());
  beforeEach(async () => {
    url = await cluster.createDatabase();
  });

  it('can be queried by an operator', async () => {
    const store = await open(url);
    await store.save(succeeded('OUT-1', { account: 'sales' }));
    await store.save(unseen('OUT-2'));
    const rows = await query(
      url,
      `SELECT call_sid, ending_type, finished_at - started_at > interval '1 minute' AS long, timeline->0->>'status' AS first
       FROM temporal_polyai_outcomes WHERE saved_at > now() - interval '1 hour' ORDER BY call_sid`,
    );
    expect(rows).toEqual([
      { call_sid: 'OUT-1', ending_type: null, long: true, first: 'queued' },
      { call_sid: 'OUT-2', ending_type: 'CallNotFound', long: true, first: null },
    ]);
  });

  it('gives times as they are, whatever zone and style the database shows them in', async () => {
    await query(url, `ALTER ROLE tester SET TimeZone = 'Asia/Kolkata'; ALTER ROLE tester SET DateStyle = 'SQL, DMY'`);
    onTestFinished(async () => {
      await query(url, 'ALTER ROLE tester RESET ALL');
    });
    const store = await open(url);
    const stored = await store.save(succeeded('OUT-1'));
    expect(stored).toEqual({ ...succeeded('OUT-1'), savedAt: stored.savedAt });
    const listed: unknown[] = [];
    for await (const outcome of store.list({ since: stored.savedAt })) listed.push(outcome);
    expect(listed).toEqual([stored]);
  });

  it('lists along its index, and those without a final status along theirs', async () => {
    await open(url);
    await query(
      url,
      `INSERT INTO temporal_polyai_outcomes (call_sid, status, reason, polls, started_at, finished_at, workflow_id, run_id, saved_at, timeline)
       SELECT 'OUT-' || n, CASE WHEN n % 100 > 0 THEN 'success' END, '', 1, now(), now(), 'w', 'r', now() - n * interval '1 s', '[]'
       FROM generate_series(1, 20000) AS n; ANALYZE temporal_polyai_outcomes`,
    );
    const plan = async (where: string): Promise<string> => {
      const columns = 'o.saved_at DESC, o.call_sid DESC LIMIT 500';
      const rows = await query(url, `EXPLAIN SELECT * FROM temporal_polyai_outcomes AS o ${where} ORDER BY ${columns}`);
      return rows.map((row) => row['QUERY PLAN']).join('\n');
    };
    const after = `(o.saved_at, o.call_sid) < (now() - interval '1 hour', 'OUT-1')`;
    expect(await plan(`WHERE ${after}`)).toMatch(/Index Scan Backward using temporal_polyai_outcomes_by_time/);
    expect(await plan(`WHERE o.status IS NULL AND ${after}`)).toMatch(/temporal_polyai_outcomes_without_status/);
  });

  it.each(['LATIN1', 'SQL_ASCII', 'WIN1251'])('saves any text in a database with the encoding %s', async (encoding) => {
    const other = await cluster.createDatabase(`TEMPLATE template0 ENCODING '${encoding}'`);
    const store = await open(other);
    await store.check();
    const plain = await store.save(failed('OUT-1', 'no answer'));
    expect(plain).toEqual({ ...failed('OUT-1', 'no answer'), savedAt: plain.savedAt });
    const timeline = [{ status: '通話中', at: '2026-01-31T12:00:00.100Z' }];
    const stored = await store.save({ ...failed('OUT-2', 'dials \u{1F4DE}\0'), timeline });
    const isExact = encoding === 'SQL_ASCII';
    expect(stored.reason).toBe(isExact ? 'dials \u{1F4DE}\uFFFD' : 'dials ??');
    expect(stored.timeline).toEqual([{ ...timeline[0], status: isExact ? '通話中' : '???' }]);
    expect(await store.get('OUT-2')).toEqual(stored);
  });

  it('is opened, and saves one call, by many at once where transactions are serializable by default', async () => {
    for (let round = 0; round < 3; round += 1) {
      const strict = await cluster.createDatabase();
      await query(strict, `ALTER DATABASE ${databaseOf(strict)} SET default_transaction_isolation = 'serializable'`);
      const stores = await Promise.all(Array.from({ length: 8 }, () => open(strict)));
      await Promise.all(stores.map((store) => store.check()));
      const saves = stores.flatMap((store) => [store.save(unseen('OUT-1')), store.save(succeeded('OUT-1'))]);
      const final = (await Promise.all(saves)).filter(({ status }) => status !== undefined);
      for (const answer of final) expect(answer).toEqual(await stores[0]!.get('OUT-1'));
    }
  });

  it.each([
    ['insert', 'BEFORE INSERT'],
    ['replacement', 'BEFORE UPDATE'],
  ])('is an error, not an endless loop, when a trigger suppresses the %s', async (_what, when) => {
    const store = await open(url);
    await store.save(unseen('OUT-1'));
    await query(
      url,
      `CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
       CREATE TRIGGER nothing ${when} ON temporal_polyai_outcomes FOR EACH ROW EXECUTE FUNCTION nothing()`,
    );
    const callSid = when === 'BEFORE INSERT' ? 'OUT-2' : 'OUT-1';
    expect(await messageOf(store.save(succeeded(callSid)))).toContain(
      'does not store the row: a trigger, rule or policy',
    );
    if (when === 'BEFORE INSERT') expect(await messageOf(store.check())).toContain('does not store the row');
  });

  it('is reached over a Unix socket, with the password in the URL', async () => {
    const { password } = cluster;
    const socket = `postgres://tester:${password}@/${databaseOf(url)}?host=${cluster.socketFolder}&port=${cluster.port}`;
    const store = await open(socket);
    expect(await store.save(succeeded('OUT-1'))).toMatchObject({ callSid: 'OUT-1' });
    const wrong = socket.replace(password, 'wr0ng-pw');
    const message = await messageOf(openOutcomeStore(wrong));
    expect(message).toContain(
      `the outcome store postgresql://${cluster.socketFolder}/${databaseOf(url)} refuses the login`,
    );
    expect(message).not.toContain('wr0ng-pw');
  });

  it('creates nothing without migration, and says who does', async () => {
    const tables = () => query(url, `SELECT 1 FROM pg_tables WHERE tablename LIKE 'temporal_polyai%'`);
    expect(await messageOf(openOutcomeStore(url, { migrate: false }))).toContain('has no tables of this version yet');
    await query(url, `CREATE ROLE guest LOGIN PASSWORD 'guest-pw'; REVOKE CREATE ON SCHEMA public FROM PUBLIC`);
    onTestFinished(async () => {
      await query(url, 'DROP OWNED BY guest; DROP ROLE guest');
    });
    const asGuest = withUser(url, 'guest', 'guest-pw');
    expect(await messageOf(openOutcomeStore(asGuest, { migrate: false }))).toContain('grant CREATE on the schema');
    expect(await tables()).toEqual([]);
    await (await openOutcomeStore(url)).close();
    const store = await openOutcomeStore(url, { migrate: false });
    await store.check();
    await store.close();
  });

  it('creates its tables again when they are gone', async () => {
    await (await openOutcomeStore(url)).close();
    await query(url, 'DROP TABLE temporal_polyai_outcomes');
    const store = await open(url);
    expect(await store.save(succeeded('OUT-1'))).toMatchObject({ callSid: 'OUT-1' });
  });

  it('refuses tables that a newer version made', async () => {
    await open(url);
    await query(url, 'UPDATE temporal_polyai_schema SET version = 99');
    expect(await messageOf(openOutcomeStore(url))).toContain(
      'has schema version 99 of a newer version of temporal-polyai: update this one',
    );
  });

  it('works with a role that may only read and write its tables', async () => {
    await (await openOutcomeStore(url)).close();
    await query(
      url,
      `CREATE ROLE clerk LOGIN PASSWORD 'clerk-pw';
       GRANT SELECT, INSERT, UPDATE ON temporal_polyai_outcomes, temporal_polyai_schema TO clerk`,
    );
    onTestFinished(async () => {
      await query(url, 'DROP OWNED BY clerk; DROP ROLE clerk');
    });
    const store = await openOutcomeStore(withUser(url, 'clerk', 'clerk-pw'));
    await store.check();
    expect(await store.save(succeeded('OUT-1'))).toMatchObject({ callSid: 'OUT-1' });
    await store.close();
  });

  it('says which rights are missing, where it may read only', async () => {
    await (await openOutcomeStore(url)).close();
    await query(
      url,
      `CREATE ROLE reader LOGIN PASSWORD 'reader-pw';
       GRANT SELECT ON temporal_polyai_outcomes, temporal_polyai_schema TO reader`,
    );
    onTestFinished(async () => {
      await query(url, 'DROP OWNED BY reader; DROP ROLE reader');
    });
    const store = await openOutcomeStore(withUser(url, 'reader', 'reader-pw'));
    expect(await store.get('OUT-1')).toBeUndefined();
    expect(await messageOf(store.check())).toContain('lacks privileges: grant SELECT, INSERT, UPDATE (');
    await store.close();
  });

  it.each([
    ['a wrong password', () => withUser(url, 'tester', 'wr0ng-pw'), 'refuses the login'],
    ['a database that is not there', () => url.replace(/\/[^/]+$/, '/none'), 'does not exist: create the database'],
  ])('says what to do about %s, without credentials', async (_what, wrongUrl, says) => {
    const message = await messageOf(openOutcomeStore(wrongUrl()));
    expect(message).toContain(says);
    expect(message).not.toContain('wr0ng-pw');
    expect(message).not.toContain(cluster.password);
  });

  it('gets over the loss of all its connections, idle and busy', async () => {
    const store = await open(url);
    await store.save(succeeded('OUT-1'));
    const blocking = new Client({ connectionString: url });
    await blocking.connect();
    onTestFinished(() => blocking.end());
    await blocking.query('BEGIN; LOCK TABLE temporal_polyai_outcomes');
    const waiting = messageOf(store.save(succeeded('OUT-2')));
    await untilAnyRow(
      url,
      `SELECT 1 FROM pg_stat_activity WHERE application_name = 'temporal-polyai' AND
      wait_event_type = 'Lock'`,
    );
    await query(
      url,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'temporal-polyai'`,
    );
    expect(await waiting).toContain('cannot be reached');
    await blocking.query('COMMIT');
    expect(await store.save(succeeded('OUT-2'))).toMatchObject({ callSid: 'OUT-2' });
    await store.check();
  });
});

async function untilAnyRow(url: string, sql: string): Promise<void> {
  await expect.poll(async () => (await query(url, sql)).length, { timeout: 20_000 }).toBeGreaterThan(0);
}

function withUser(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.href;
}

function databaseOf(url: string): string {
  return new URL(url).pathname.slice(1);
}
