import { describe, expect, it } from 'vitest';

import { runCli, startCli } from '../../../support/cli-process.js';

describe('temporal-polyai simulate', () => {
  it('serves calls until Ctrl-C, with the token and the faults asked for', async () => {
    const simulator = startCli(['simulate', '--port', '0', '--token', 'mine', '--fault-probability', '1']);
    await simulator.prints('Ctrl-C');
    const url = `${/http:\S+/.exec(simulator.stdout)?.[0]}/v1/outbound-calling`;
    const trigger = (token: string) =>
      fetch(url, { method: 'POST', headers: { 'X-PolyAi-Auth-Token': token }, body: '{"to_number":"+12025550123"}' });
    expect((await trigger('other')).status).toBe(401);
    expect((await trigger('mine')).status).toBe(200);
    expect(await simulator.end('SIGINT')).toBe(0);
    expect(simulator.stdout + simulator.stderr).not.toContain('mine');
  });

  it('names the port that is taken, and the option to choose another', async () => {
    const first = startCli(['simulate', '--port', '0']);
    await first.prints('Ctrl-C');
    const port = /:(\d+) /.exec(first.stdout)?.[1] ?? '';
    const { code, stderr } = await runCli(['simulate', '--port', port]);
    expect(await first.end('SIGTERM')).toBe(0);
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^temporal-polyai: cannot listen on port ${port} .* choose others with --port`));
  });
});
