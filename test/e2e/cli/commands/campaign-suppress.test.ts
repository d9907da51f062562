import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { openCampaignStore } from '../../../../src/campaigns.js';
import { contactOf, startCampaignOf } from '../../../support/campaign-samples.js';
import { runCli, startCli } from '../../../support/cli-process.js';
import { eventually } from '../../../support/dev-server-rig.js';
import { makePipe, writeToPipe } from '../../../support/named-pipe.js';

const folder = mkdtempSync(join(tmpdir(), 'temporal-polyai-suppress-'));
const env = { POLYAI_OUTCOMES_URL: `sqlite:${join(folder, 'kept.sqlite')}` };

afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function waiting(): Promise<number> {
  const store = openCampaignStore(env.POLYAI_OUTCOMES_URL);
  const { contacts } = await store.progress('spring');
  await store.close();
  return contacts.waiting;
}

describe('campaign suppress with a list', () => {
  it('suppresses what has come before it waits for more, and goes on after Ctrl-C', async () => {
    const contacts = Array.from({ length: 1_000 }, (_, index) => contactOf(index));
    const store = openCampaignStore(env.POLYAI_OUTCOMES_URL);
    await startCampaignOf(store, { contacts });
    await store.close();
    const [pipe, list] = [join(folder, 'numbers'), join(folder, 'numbers.txt')];
    const lines = contacts.map(({ number }) => `${number}\n`);
    makePipe(pipe);
    writeFileSync(list, lines.join(''));

    const cli = startCli(['campaign', 'suppress', '--file', pipe], { env });
    await writeToPipe(pipe, `${lines.slice(0, 600).join('')}nobody\n`, cli);
    await eventually('600 numbers', async () => ((await waiting()) === 400 ? true : undefined));
    expect(await cli.end('SIGINT')).toBe(130);
    expect(cli.stdout).toBe('600 numbers are suppressed\n');
    expect(cli.stderr).toBe(
      'line 601 is not a phone number\ninterrupted; run the same command again to suppress the rest\n',
    );

    const again = await runCli(['campaign', 'suppress', '--file', list], { env });
    expect([again.code, again.stdout, again.stderr]).toEqual([0, '1000 numbers are suppressed\n', '']);
    expect(await waiting()).toBe(0);
  });

  it('says what cannot be read', async () => {
    const { code, stdout, stderr } = await runCli(['campaign', 'suppress', '--file', folder], { env });
    expect({ code, stdout, stderr }).toEqual({
      code: 1,
      stdout: '',
      stderr: `temporal-polyai: cannot read ${folder}: it is a folder\n`,
    });
  });
});
