import { z } from 'zod';
import { DEFAULTS } from './defaults.ts';
import { flag, hostName, id, integer, line, oneOf, positive, within } from './leaves.ts';
import { mapping, optional, otherwise, required } from './objects.ts';
import { refined, saying } from './rules.ts';

const MAX_OUT_INSTEAD = 'write a percentage like 50%, or a number of members';

const maxOut = refined(
  z.union([z.number(), z.string()], { error: saying('{} is not a number of members', MAX_OUT_INSTEAD) }),
  'max-out',
  (value) => (typeof value === 'number' ? Number.isInteger(value) && value >= 1 : /^([1-9]\d?|100)%$/.test(value)),
  '{} is not a number of members',
  MAX_OUT_INSTEAD,
);

const guard = mapping('Guard', 'What allows or holds a take-out.', {
  minInService: optional(
    integer('min-in-service', 1, 1_000),
    'Other members that must be in service.',
    DEFAULTS.guard.minInService,
  ),
  maxOut: optional(maxOut, 'Most members taken out automatically; percentages round down, at least 1.', DEFAULTS.guard.maxOut),
  hold: optional(
    within('hold', '0s', '1h', '3m'),
    'How long a member stays where a flip put it; doubled by each flap, to 1h.',
    DEFAULTS.guard.hold,
  ),
  failback: optional(oneOf(['auto', 'manual']), '`manual`: a member returns only by `restore`.', DEFAULTS.guard.failback),
  mode: optional(oneOf(['act', 'report']), '`report`: say what would be done, and do nothing.', DEFAULTS.guard.mode),
});

const ZONE_ID = /^Z[A-Z0-9]{1,31}$/;

const zoneId = () =>
  refined(
    line('write an id like Z0123456789ABC'),
    'zone-id',
    (value) => ZONE_ID.test(value),
    '{} is not the id of a hosted zone',
    'write an id like Z0123456789ABC',
  );

const alias = mapping('Alias', 'What of AWS a member stands for in place of a value: a load balancer, a distribution, an API.', {
  name: required(hostName('lb-1.eu-west-1.elb.amazonaws.com'), 'Its name.'),
  zoneId: required(zoneId(), 'Id of the hosted zone that its name is in: the service’s own, or yours.'),
  evaluateTargetHealth: optional(
    flag(),
    'Does Route 53 leave it out while its own health checks fail? CloudFront knows none.',
    DEFAULTS.record.evaluateTargetHealth,
  ),
});

/** Ids of health checks are UUIDs (Route 53 API reference, CreateHealthCheck). */
const HEALTH_CHECK_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const HEALTH_CHECK_INSTEAD = 'write its id, like 01234567-89ab-cdef-0123-456789abcdef';

const ownSwitch = mapping(
  'Switch',
  'A health check of yours that takes the member out of service, in place of one that is made.',
  {
    healthCheckId: required(
      refined(
        line(HEALTH_CHECK_INSTEAD),
        'health-check-id',
        (value) => HEALTH_CHECK_ID.test(value),
        '{} is not the id of a health check',
        HEALTH_CHECK_INSTEAD,
      ),
      'Its id. It must have the tags that docs/records.md names, or it is never touched.',
    ),
  },
);

const member = mapping('Member', 'A node that may answer for the name.', {
  node: required(id(), 'The node.'),
  value: optional(line('write what the name answers, like 203.0.113.10'), 'What the name answers when this member serves.'),
  alias: optional(alias, 'In place of `value`: a resource of AWS that the name is an alias of.'),
  switch: optional(ownSwitch, 'A health check of yours that takes the member out of service.', otherwise('one that is made')),
  role: optional(oneOf(['primary', 'secondary']), 'Who serves first, with `policy: failover`.'),
  weight: optional(integer('weight', 0, 255), 'Share of the answers, with `policy: weighted`.', DEFAULTS.record.weight),
});

const ttl = refined(
  within('ttl', '1s', '1d', '30s'),
  'ttl-seconds',
  (value) => !value.endsWith('ms') || Number.parseInt(value, 10) % 1_000 === 0,
  '{} is not a whole number of seconds',
  'write a duration like 30s',
);

/** A DNS name and the nodes that may answer for it. */
export const record = mapping('Record', 'A DNS name, and the nodes that may answer for it.', {
  name: required(hostName('api.example.org'), 'The name that users ask for.'),
  zone: required(hostName('example.org'), 'The hosted zone that the name is in.'),
  zoneId: optional(zoneId(), 'Id of the hosted zone: required where a role has several values.'),
  type: optional(oneOf(['A', 'AAAA', 'CNAME']), 'Type of the record.', DEFAULTS.record.type),
  ttl: optional(ttl, 'How long resolvers keep an answer.', DEFAULTS.record.ttl),
  policy: optional(oneOf(['failover', 'weighted', 'multivalue']), 'How members share the name.', DEFAULTS.record.policy),
  requires: optional(
    z.array(id(), { error: saying('{} is not a list', 'write a list of checks, like [api]') }),
    'Ids of the checks whose `down` takes a member out.',
    otherwise('all probed ones'),
  ),
  members: required(
    z.array(member, { error: saying('{} is not a list', 'write a list like [{ node: eu1, value: 203.0.113.10 }]') }),
    'Who may answer.',
  ),
  guard: optional(guard, 'What allows or holds a take-out.'),
  fence: optional(
    oneOf(['none', 'required']),
    '`required`: a stand-by is resumed only after the old one was confirmed paused, or unreachable for `fenceTimeout`.',
    DEFAULTS.record.fence,
  ),
  fenceTimeout: optional(
    positive('1m'),
    'How long an unreachable member counts as perhaps still running.',
    DEFAULTS.record.fenceTimeout,
  ),
});
