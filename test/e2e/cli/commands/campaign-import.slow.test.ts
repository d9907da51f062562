import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Contact, openCampaignStore } from '../../../../src/campaigns.js';
import { runCli, startCli } from '../../../support/cli-process.js';
import { eventually } from '../../../support/dev-server-rig.js';
import { makePipe, writeToPipe } from '../../../support/named-pipe.js';

const ROWS = 10_000;
const HEADER = 'Phone;Time zone;Consent;Reference;first_name\r\n';

/** One row in a hundred has no number that could be called. */
function rowOf(index: number): string {
  const number = index % 100 === 7 ? 'unknown' : `+4477${10_000_000 + index}`;
  return `${number};Europe/London;"web form; 2026";crm-${index};Åsa ${index}\r\n`;
}

function rowsOf(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => rowOf(from + index)).join('');
}

describe('campaign import', () => {
  const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-import-'));
  const env = { POLYAI_OUTCOMES_URL: `sqlite:${join(folder, 'outcomes.sqlite')}` };
  const path = (name: string): string => join(folder, name);
  const run = (args: readonly string[]) => runCli(['campaign', 'import', ...args], { env, cwd: folder });

  beforeAll(() => writeFileSync(path('contacts.csv'), `\uFEFF${HEADER}${rowsOf(0, ROWS)}`));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function contacts(campaignId: string): Promise<Contact[]> {
    const store = openCampaignStore(env.POLYAI_OUTCOMES_URL);
    const all: Contact[] = [];
    for await (const contact of store.contacts(campaignId)) all.push(contact);
    await store.close();
    return all;
  }

  it('adds every contact once when it is killed in the middle and run again', async () => {
    makePipe(path('half'));
    const first = startCli(['campaign', 'import', 'spring', 'half'], { env, cwd: folder });
    await writeToPipe(path('half'), HEADER + rowsOf(0, ROWS / 2), first);
    const added = await eventually('contacts in the store', async () => {
      const found = await contacts('spring').catch(() => []);
      return found.length > 0 ? found : undefined;
    });
    await first.end('SIGKILL');
    const before = await contacts('spring');
    expect(before.length).toBeGreaterThanOrEqual(added.length);
    expect(before.length).toBeLessThan(ROWS / 2);

    const again = await run(['spring', 'contacts.csv', '--rejects', 'rejects.csv', '--json']);
    expect(again.json).toEqual({
      campaignId: 'spring',
      rows: ROWS,
      added: ROWS * 0.99 - before.length,
      updated: before.length,
      rejected: ROWS * 0.01,
      withoutConsent: 0,
      zonesByNumber: 0,
      isDryRun: false,
    });
    expect({ code: again.code, stderr: again.stderr }).toEqual({ code: 1, stderr: '' });

    const after = await contacts('spring');
    expect(after).toHaveLength(ROWS * 0.99);
    expect(after.map(({ reference }) => reference)).not.toContain('crm-107');
    expect(after.find(({ reference }) => reference === 'crm-108')).toMatchObject({
      number: '+447710000108',
      timeZones: ['Europe/London'],
      consent: 'web form; 2026',
      variables: { first_name: 'Åsa 108' },
      state: 'waiting',
    });
    // Those that were there keep their identity.
    const ids = new Set(after.map(({ contactId }) => contactId));
    expect(before.filter(({ contactId }) => !ids.has(contactId))).toEqual([]);
  });

  it('takes rejected rows once they are corrected', async () => {
    writeFileSync(path('few.csv'), `${HEADER}${rowsOf(0, 10)}`);
    expect((await run(['summer', 'few.csv', '--rejects', 'wrong.csv'])).stdout).toBe(
      'summer: 9 contacts added, 0 updated\n1 of 10 rows rejected: wrong.csv\n',
    );
    const wrong = readFileSync(path('wrong.csv'), 'utf8');
    expect(wrong).toBe(
      'Phone,Time zone,Consent,Reference,first_name,import_line,import_error\n' +
        'unknown,Europe/London,web form; 2026,crm-7,Åsa 7,9,"""Phone"" is not a phone number"\n',
    );
    writeFileSync(path('wrong.csv'), wrong.replace('unknown', '07700 900007'));
    const { code, stdout } = await run(['summer', 'wrong.csv', '--country', 'GB', '--rejects', 'wrong.csv']);
    expect([code, stdout]).toEqual([0, 'summer: 1 contact added, 0 updated\n']);
    expect((await contacts('summer')).find(({ reference }) => reference === 'crm-7')).toMatchObject({
      number: '+447700900007',
      variables: { first_name: 'Åsa 7' },
    });
  });

  it('only checks the file in a dry run, and says what is wrong in which line', async () => {
    const { code, stdout, stderr } = await run(['autumn', 'few.csv', '--dry-run']);
    expect(code).toBe(1);
    expect(stdout).toBe('few.csv: 9 contacts; nothing was imported\n1 of 10 rows rejected\n');
    expect(stderr).toBe('line 9: "Phone" is not a phone number\n');
    await expect(contacts('autumn')).resolves.toEqual([]);
  });

  it('keeps what is before a line that cannot be read', async () => {
    writeFileSync(path('latin.csv'), Buffer.concat([Buffer.from(HEADER + rowsOf(0, 5_000)), Buffer.from([0xe9, 10])]));
    const { code, stderr } = await run(['winter', 'latin.csv', '--rejects', 'none.csv']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/latin.csv, line 5002, is not UTF-8: .*; \d+ contacts before it were imported\n$/);
    expect((await contacts('winter')).length).toBe(Number(/(\d+) contacts before/.exec(stderr)?.[1]));
  });

  it('stops at Ctrl-C, and says how to go on', async () => {
    makePipe(path('open'));
    const cli = startCli(['campaign', 'import', 'stopped', 'open', '--dry-run'], { env, cwd: folder });
    await writeToPipe(path('open'), `${HEADER}${rowOf(7)}${rowOf(8)}`, cli);
    await cli.prints('line 2: "Phone" is not a phone number');
    expect(await cli.end('SIGINT')).toBe(130);
    expect(cli.stderr).toContain('run the same command again to import the rest: no contact is added twice');
  });
});
