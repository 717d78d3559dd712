/** A story told end to end with the real balancer of that night. Needs Debian's haproxy. */
import { expect, test } from 'vitest';
import { scenario } from '../e2e/scenario.ts';
import { createDaemons, freePorts } from './daemons.ts';

// "503 Service Unavailable. No server is available to handle this request." stood in a browser, and endorsements were missed.
test('the balancer in front of the signer loses its last server: it is down, and the page says what it says', async (context) => {
  const daemons = createDaemons();
  context.onTestFinished(() => daemons.stop());
  const [web = 0] = await freePorts(1);
  const here = await scenario(context, {
    nodes: ['signer'],
    yaml: ({ signer }) => {
      const config = `defaults
  mode http
  timeout connect 1s
  timeout client 5s
  timeout server 5s
listen signer
  bind 127.0.0.1:${web}
  server one 127.0.0.1:${signer.port} check inter 100ms fall 1 rise 1
`;
      daemons.write('haproxy.cfg', config);
      return `nodes: { signer: { url: "http://127.0.0.1:${web}", checks: { api: { type: http, path: /keys } } } }`;
    },
    meanwhile: () => daemons.start('haproxy', ['-db', '-f', 'haproxy.cfg'], web),
  });
  await here.nodes.signer.kill();
  const page = await here.until('it is paged', () => here.of('page')[0]);
  expect(page.text).toMatch(/^signer DOWN .* 3\/3 regions: api HTTP 503, expected 2xx: "No server is avail/);
  const { nodes } = await here.status();
  const details = nodes.flatMap(({ checks }) => checks.flatMap(({ votes }) => Object.values(votes).map(({ detail }) => detail)));
  expect(details).toContain('HTTP 503, expected 2xx: "No server is available to handle this request."');
  await here.nodes.signer.start();
  await here.until('it is well', () => here.of('page')[1]?.state === 'recovered');
});
