import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { Route53Client } from '@aws-sdk/client-route-53';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SWITCH_TAGS } from '../../lib/aws/names.ts';
import { createSwitches, paceRoute53 } from '../../lib/aws/route53.ts';
import type { Switches } from '../../lib/ports.ts';
import { cellOf } from '../config/cell.ts';
import { type FakeAws, startAws } from '../fakes/aws.ts';
import type { FakeHealthCheck } from '../fakes/route53.ts';
import { createSteppingClock } from './clock.ts';

/** `switch: { healthCheckId }`: a health check of the user's, of whatever type, takes a member out. */

const OWN = '01234567-89ab-cdef-0123-456789abcdef';
const cell = cellOf(`
name: example
vantages: [eu-west-1, us-east-2, ap-northeast-1]
nodes:
  eu1: { url: https://eu1.example.org, checks: { api: { type: http } } }
  us1: { url: https://us1.example.org, checks: { api: { type: http } } }
records:
  api:
    name: api.example.org
    zone: example.org
    members:
      - { node: eu1, value: 203.0.113.10, role: primary, switch: { healthCheckId: ${OWN} } }
      - { node: us1, value: 198.51.100.7, role: secondary }
`);
const tagsOf = (node: string) => ({
  [SWITCH_TAGS.cell]: 'example',
  [SWITCH_TAGS.record]: 'api',
  [SWITCH_TAGS.node]: node,
});

let aws: FakeAws;
let own: FakeHealthCheck;
let us1: FakeHealthCheck;
let switches: Switches;
let notes: unknown[];

beforeEach(async () => {
  const clock = createSteppingClock();
  aws = await startAws(clock.now);
  own = aws.route53.create({ id: OWN, type: 'HTTPS', tags: tagsOf('eu1') });
  us1 = aws.route53.create({ tags: tagsOf('us1') });
  notes = [];
  switches = createSwitches({
    cell,
    route53: paceRoute53(new Route53Client({ region: 'us-east-1', ...aws.client }), clock),
    cloudWatch: new CloudWatchClient({ region: 'us-east-2', ...aws.client }),
    emit: (event) => notes.push(event),
  });
});
afterEach(() => aws.close());

describe('a health check of the user', () => {
  it('is a switch like any other, whatever its type', async () => {
    expect(await switches.list()).toMatchObject([
      { node: 'eu1', inService: true },
      { node: 'us1', inService: true },
    ]);
    const state = await switches.read('api', 'eu1');
    await switches.update({ ...state, inService: false });
    expect(own).toMatchObject({ disabled: true, inverted: true, version: 2 });
    expect(us1).toMatchObject({ version: 1 });
  });

  it('is refused and left alone without its tags', async () => {
    own.tags = { Name: 'somebody else’s' };
    const problem = `switch of api/eu1: the health check ${OWN} has not the tags quorumwatch:cell=example, quorumwatch:record=api, quorumwatch:node=eu1 (tag it, or write another id)`;
    expect(await switches.list()).toMatchObject([{ node: 'us1' }]);
    expect(notes).toEqual([{ event: 'note', text: problem }]);
    await expect(switches.update({ record: 'api', node: 'eu1', inService: false, version: 1 })).rejects.toThrow(problem);
    expect(own).toMatchObject({ disabled: false, version: 1 });
  });

  it('is refused with the tags of another member', async () => {
    own.tags = tagsOf('us1');
    await expect(switches.read('api', 'eu1')).rejects.toThrow(/^switch of api\/eu1: the health check 0123.* has not the tags/);
    expect(await switches.list()).toMatchObject([{ node: 'us1', version: 1 }]);
  });

  it('is the only one: another with the same tags is left alone', async () => {
    const other = aws.route53.create({ tags: tagsOf('eu1') });
    await switches.update({ ...(await switches.read('api', 'eu1')), inService: false });
    expect(own).toMatchObject({ version: 2 });
    expect(other).toMatchObject({ disabled: false, version: 1 });
    aws.route53.checks.delete(OWN);
    await expect(switches.read('api', 'eu1')).rejects.toThrow(`the health check ${OWN} has not the tags`);
    expect(other.version).toBe(1);
  });
});
