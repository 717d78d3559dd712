import { describe, expect, test } from 'vitest';
import { scenario } from './scenario.ts';

const EVERY_MS = 3_000;

describe.concurrent('a job that reports by itself (eosDAC, 2018-07-19: a script that was misnamed on one server, so it never ran)', () => {
  test('pages when it never came, is well once it comes, and pages when it fails and when it falls silent', async (context) => {
    const here = await scenario(context, {
      nodes: [],
      yaml: () => `nodes:
  misnamed: { checks: { texts: { type: heartbeat, every: ${EVERY_MS}ms, grace: 0s } } }
  backup: { checks: { nightly: { type: heartbeat, every: 24h } } }`,
    });
    const pages = (node: string) =>
      here
        .of('page')
        .filter(({ incident }) => incident.endsWith(`-${node}`))
        .map(({ state, text }) => `${state}: ${text}`);
    const beat = async (check: string, query = '') => {
      const { url } = here.beatUrls.find((each) => each.check === check) ?? { url: '' };
      expect((await fetch(url + query, { headers: { connection: 'close' } })).status).toBe(200);
    };

    const never = await here.until('it is paged that it never came', () => pages('misnamed')[0]);
    expect(never).toMatch(/^down: misnamed DOWN .*3\/3 regions: texts never heard; expected every 3 s/);

    const beating = setInterval(() => void beat('misnamed/texts'), 700);
    context.onTestFinished(() => clearInterval(beating));
    await here.until('it is well', () => pages('misnamed').find((page) => page.startsWith('recovered')));

    await beat('backup/nightly', '?exit=3&message=disk%20full');
    const failed = await here.until('its failure is paged', () => pages('backup')[0]);
    expect(failed).toMatch(/^down: backup DOWN .*3\/3 regions: nightly failed at .*Z: exit code 3, disk full/);

    clearInterval(beating);
    const silent = await here.until('its silence is paged', () => pages('misnamed')[2]);
    expect(silent).toMatch(/^down: .*texts last heard at .*Z, expected every 3 s/);
    expect(here.of('flip')).toEqual([]);
  });
});
