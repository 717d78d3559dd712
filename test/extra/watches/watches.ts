/** Everything that watches the monitor itself, as patches that take it away. They live here, and nowhere else. */
export interface Watch {
  name: string;
  /** Every text must be in its file exactly once: a patch that no longer applies is a failure, not a success. */
  file: string;
  find: string;
  replace: string;
  /** How the titles of its own tests begin: all of them must fail without it, and no other test. */
  tests: string[];
}

export const WATCHES: Watch[] = [
  { name: 'blind', file: 'lib/core/alarms.ts', find: '    blindAlarm(cell, common),\n', replace: '', tests: ['blind'] },
  {
    name: 'a table that comes and goes',
    file: 'lib/core/alarms.ts',
    find: '    tableAlarm(common),\n',
    replace: '',
    tests: ['table'],
  },
  {
    name: 'silent vantages',
    file: 'lib/core/alarms.ts',
    find: '    ...cell.vantages.map((vantage) => silentAlarm(cell, vantage, common)),\n',
    replace: '',
    tests: ['silent'],
  },
  {
    name: 'silent arbiters',
    file: 'lib/core/alarms.ts',
    find: '    ...cell.arbiters.map((region) => tickAlarm(region, common)),\n',
    replace: '',
    tests: ['tick'],
  },
  {
    name: 'silent web parts',
    file: 'lib/core/alarms.ts',
    find: '    ...webs.map((region) => webAlarm(region, common)),\n',
    replace: '',
    tests: ['web'],
  },
  {
    name: 'the third party',
    file: 'lib/run/arbiter.ts',
    find: 'if (!ports.ping || heardBallots(cell, ballots, clock.now()).length < cell.quorum) return;',
    replace: 'if (!ports.ping) return;',
    tests: ['ping'],
  },
  {
    name: 'abstaining vantages',
    file: 'lib/core/decide.ts',
    find: '  reportAbstaining(draft);\n',
    replace: '',
    tests: ['abstaining', 'clock'],
  },
  {
    name: 'wrong clocks',
    file: 'lib/run/prober.ts',
    find: 'clockFault(serverTime) ?? run)',
    replace: '(void clockFault, void serverTime, run))',
    tests: ['clock'],
  },
  { name: 'configuration skew', file: 'lib/core/decide.ts', find: '  reportSkew(draft);\n', replace: '', tests: ['skew'] },
  {
    name: 'checks that never passed',
    file: 'lib/core/decide.ts',
    find: '  if (!isMinority) proveChecks(draft);\n',
    replace: '',
    tests: ['never-passed'],
  },
  {
    name: 'findings',
    file: 'lib/core/decide.ts',
    find: '  reportFindings(draft);\n',
    replace: '',
    tests: ['unheard', 'unwatched'],
  },
  {
    name: 'scheduled drills',
    file: 'lib/core/decide.ts',
    find: '  beginScheduledDrill(draft);\n',
    replace: '',
    tests: ['drills'],
  },
  {
    name: 'unconfirmed subscriptions',
    file: 'lib/aws/outlets.ts',
    find: "confirmed: SubscriptionArn.startsWith('arn:')",
    replace: 'confirmed: true',
    tests: ['unconfirmed'],
  },
  {
    name: 'vanished subscriptions',
    file: 'lib/core/subscriptions.ts',
    find: '    return compare(tier[protocol], mine, protocol)',
    replace:
      '    return compare(tier[protocol].filter((each) => mine.some(({ endpoint }) => endpoint === each)), mine, protocol)',
    tests: ['vanished'],
  },
  {
    name: 'the spend limit of text messages',
    file: 'lib/aws/outlets.ts',
    find: "    trying('text messages', () => spending(options, region, bound)),\n",
    replace: "    trying('text messages', () => spending(options, region, bound).then(() => [])),\n",
    tests: ['spend'],
  },
  {
    name: 'alarms that can act',
    file: 'lib/aws/outlets.ts',
    find: "    trying('alarms', () => alarms(options, region, bound)),\n",
    replace: "    trying('alarms', () => alarms(options, region, bound).then(() => [])),\n",
    tests: ['alarm-off'],
  },
  {
    name: 'regions that cannot be inspected',
    file: 'lib/aws/outlets.ts',
    find: "return [{ what: 'uninspected', region, subject, detail: lineOf(error) }];",
    replace: 'return void lineOf(error) ?? [];',
    tests: ['uninspected'],
  },
];
