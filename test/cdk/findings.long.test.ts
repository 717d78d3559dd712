/** What cdk-nag finds, and what is acknowledged of it: neither more nor less, each with a reason. */
import { type App, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { cellOf, example, LARGE, NAMED, PLAIN, SMALL, WIDE } from './configurations.ts';
import { appOf } from './synthesis.ts';

const CONFIGURATIONS = { example: example(), small: SMALL, plain: PLAIN, wide: WIDE, named: NAMED, large: LARGE };

/** A finding, or the acknowledgement of one for everything below a path of constructs. */
interface Finding {
  id: string;
  path: string;
}

const findingsIn = (app: App): Finding[] =>
  new AwsSolutionsChecks()
    .validateScope(app)
    .violations.flatMap(({ ruleName, violatingResources }) =>
      violatingResources.map(({ constructPath = '' }) => ({ id: ruleName, path: constructPath })),
    );

/** As `Validations.acknowledge` writes them down: by id, after what wrote it. */
const acknowledgedIn = (app: App): (Finding & { reason: string })[] =>
  app.node.findAll().flatMap(({ node }) =>
    node.metadata
      .filter(({ type }) => type === Validations.ACKNOWLEDGED_RULES_METADATA_KEY)
      .flatMap(({ data }) => Object.entries<string>(data))
      .map(([id, reason]) => ({ id: id.replace(/^Annotation::/, ''), path: node.path, reason })),
  );

const isFor = (acknowledged: Finding, finding: Finding): boolean =>
  acknowledged.id === finding.id && `${finding.path}/`.startsWith(`${acknowledged.path}/`);

// The first app of a process loads most of the CDK.
beforeAll(() => void findingsIn(appOf(cellOf(PLAIN))));
afterEach(() => void vi.restoreAllMocks());

describe.each(Object.entries(CONFIGURATIONS))('of the configuration %s', (_, yaml) => {
  it('cdk-nag finds nothing', () => {
    expect(findingsIn(appOf(cellOf(yaml)))).toEqual([]);
  });

  it('it would find, without the acknowledgements, exactly what they are for', () => {
    const acknowledged = acknowledgedIn(appOf(cellOf(yaml)));
    vi.spyOn(Validations.prototype, 'acknowledge').mockReturnValue();
    const bare = appOf(cellOf(yaml));
    expect(acknowledgedIn(bare)).toEqual([]);
    const found = findingsIn(bare);
    expect(found.length).toBeGreaterThan(5);
    expect(found.filter((finding) => !acknowledged.some((each) => isFor(each, finding)))).toEqual([]);
    expect(acknowledged.filter((each) => !found.some((finding) => isFor(each, finding)))).toEqual([]);
  });

  it('each acknowledgement says why', () => {
    for (const { id, path, reason } of acknowledgedIn(appOf(cellOf(yaml))))
      expect(reason, `${id} of ${path}`).toMatch(/^\w.{30,}\.$/);
  });
});
