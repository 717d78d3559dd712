import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { cellOf } from '../config/cell.ts';

it('the configuration in docs/paging.md is one', () => {
  const page = readFileSync(new URL('../../docs/paging.md', import.meta.url), 'utf8');
  const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(page) ?? [];
  const rest = `
name: documented
vantages: [eu-west-1, us-east-2, ap-northeast-1]
templates: { web: { site: { type: http } } }
hooks: { slack: { events: [page], url: https://hook.example.org } }
`;
  const cell = cellOf(yaml.replace('{ env: ONCALL_SMS }', '"+4915112345678"') + rest);
  expect(cell.paging).toMatchObject({ timezone: 'Europe/Berlin', tiers: [{ afterMs: 0 }, { afterMs: 300_000 }], quiet: [{}] });
  expect(cell.nodes.map(({ id, dependsOn, policy }) => [id, dependsOn, policy])).toEqual([
    ['gateway', [], undefined],
    ['eu1', ['gateway'], undefined],
    ['staging', [], 'quiet'],
  ]);
  expect(cell.silences).toMatchObject([{ id: 'sunday', nodes: ['eu1'], forMs: 3_600_000 }]);
});
