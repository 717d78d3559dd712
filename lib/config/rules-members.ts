import { DEFAULTS } from './defaults.ts';
import { each, member, policyOf, records, typeOf } from './records-of.ts';
import { type Rule, rule } from './rules.ts';

/** Rules of what members answer, and of their switches. */

/** The zone that every distribution of CloudFront is in (CloudFront developer guide, "Routing traffic to a distribution by its name"). */
const CLOUDFRONT_ZONE = 'Z2FDTNDATAQYW2';

export const MEMBER_RULES: Rule[] = [
  each('member-answer', function* ({ record, path }) {
    for (const [at, { value, alias }] of record.members.entries()) {
      if ((value === undefined) === (alias === undefined))
        yield {
          path: member(path, at),
          what: value === undefined ? 'the member answers nothing' : 'the member answers a value and an alias',
          instead: value === undefined ? 'write value: 203.0.113.10, or alias: { name, zoneId }' : 'remove one of them',
        };
    }
  }),
  each('alias-cname', function* ({ record, path }) {
    for (const [at, { alias }] of record.members.entries()) {
      if (alias !== undefined && typeOf(record) === 'CNAME')
        yield { path: member(path, at, 'alias'), what: 'a CNAME is no alias', instead: 'write type: A or AAAA, or a value' };
    }
  }),
  each('alias-multivalue', function* ({ record, path }) {
    for (const [at, { alias }] of record.members.entries()) {
      // Route 53 API reference, ResourceRecordSet, MultiValueAnswer: "You can't create multivalue answer alias records."
      if (alias !== undefined && policyOf(record) === 'multivalue')
        yield { path: member(path, at, 'alias'), what: 'an alias cannot be multivalue', instead: 'write policy: weighted' };
    }
  }),
  each('alias-cloudfront', function* ({ record, path }) {
    for (const [at, { alias }] of record.members.entries()) {
      // Route 53 API reference, AliasTarget, EvaluateTargetHealth.
      if (alias?.zoneId === CLOUDFRONT_ZONE && (alias.evaluateTargetHealth ?? DEFAULTS.record.evaluateTargetHealth))
        yield {
          path: member(path, at, 'alias', 'evaluateTargetHealth'),
          what: 'Route 53 cannot evaluate a distribution of CloudFront',
          instead: 'write evaluateTargetHealth: false',
        };
    }
  }),
  rule('switch-distinct', ['records'], function* ({ config }) {
    const taken = new Map<string, string>();
    for (const { record, id, path } of records(config)) {
      for (const [at, { node, switch: own }] of record.members.entries()) {
        if (own === undefined) continue;
        const other = taken.get(own.healthCheckId);
        if (other !== undefined)
          yield {
            path: member(path, at, 'switch', 'healthCheckId'),
            what: `it is the switch of ${other} too`,
            instead: 'write another health check: a switch takes out one member',
          };
        taken.set(own.healthCheckId, `${id}/${node}`);
      }
    }
  }),
];
