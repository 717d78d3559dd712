import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageState } from '../../lib/core/ledger.ts';
import { messageOf } from '../../lib/core/messages.ts';
import { ASSUMPTIONS } from '../../lib/doctor/assumptions.ts';
import { inventoryOf } from '../../lib/plan/inventory.ts';
import packageJson from '../../package.json' with { type: 'json' };
import { cellOf, example } from '../cdk/configurations.ts';
import { run } from '../cli/output.ts';
import { startTableWorld, type TableWorld } from '../cli/table-world.ts';
import { openIncident } from '../web/world.ts';
import { after, commandsOf, operating } from './commands.ts';

const INCIDENT = 'born1-2-eu1';
const COMMANDS = commandsOf(operating());
/** What needs vantages that look is tried elsewhere (test/cli/drill.long.test.ts). */
const ELSEWHERE = ['doctor', 'drill'];
/** What a command is tried with instead of a table is tried elsewhere. */
const OVER_FILES = ['validate', 'plan'];

let world: TableWorld;
beforeAll(async () => {
  world = await startTableWorld(example());
  await world.castAll();
  const at = Date.now() - 600_000;
  await world.commit({ bornAt: at, adoptedAt: at, incidents: { [INCIDENT]: openIncident(INCIDENT, 'eu1', at) } });
});
afterAll(() => world.close());

it('every command of docs/operating.md is of a program that is known', () => {
  const known = ['npx quorumwatch', 'npx cdk', 'npm install', 'aws'];
  const strange = COMMANDS.map((words) => words.join(' ')).filter((line) => !known.some((each) => line.startsWith(`${each} `)));
  expect(strange).toEqual([]);
});

describe('quorumwatch, in the order of docs/operating.md:', () => {
  const commands = after(COMMANDS, 'npx', 'quorumwatch').filter(([name = '']) => !ELSEWHERE.includes(name));
  it.each(commands.map((words) => [words.join(' '), words]))('%s', async (_, words) => {
    const argv = words.map((word) => (word === 'INCIDENT' ? INCIDENT : word === 'quorumwatch.config.yaml' ? world.config : word));
    const [name = ''] = argv;
    const { code, out, err } = OVER_FILES.includes(name) ? await run(...argv) : await world.obeyed(...argv);
    expect(err).toBe('');
    expect(code).toBe(name === 'status' ? 1 : 0); // an incident is open
    expect(out).not.toBe('');
  });

  it.each(after(COMMANDS, 'npx', 'quorumwatch', 'doctor').map((words) => [words.join(' '), words]))('doctor %s', (_, words) => {
    const ids = words.filter((word) => word !== '--only');
    expect(ids.filter((id) => !ASSUMPTIONS.some((each) => each.id === id))).toEqual([]);
  });
});

it('npm installs what this project needs and nothing else', () => {
  const { dependencies, devDependencies } = packageJson;
  const known: Record<string, string> = { ...dependencies, ...devDependencies, quorumwatch: packageJson.version };
  for (const word of after(COMMANDS, 'npm', 'install').flat()) {
    const [name = '', version] = word.split('@');
    expect(Object.keys(known)).toContain(name);
    if (version !== undefined && version !== 'latest') expect(version).toBe(known[name]);
  }
});

it('every region of the example is bootstrapped', () => {
  const [first = []] = after(COMMANDS, 'npx', 'cdk', 'bootstrap');
  const regions = inventoryOf(cellOf(example())).map(({ region }) => region);
  expect(first.map((place) => place.split('/').at(-1)).toSorted()).toEqual([...new Set(regions)].toSorted());
});

it('every page about the monitor itself is explained', () => {
  const states: Record<PageState, boolean> = {
    down: false,
    unknown: false,
    recovered: false,
    held: true,
    'flip-failed': true,
    'hook-failed': true,
    'foreign-hand': true,
    skew: true,
    paused: true,
    abstaining: true,
    'never-passed': true,
    unheard: true,
    unwatched: true,
    'drill-failed': true,
    blind: true,
    silent: true,
  };
  const page = { incident: 'i', tier: 1, attempt: 1, at: 0, subject: 's', failing: [], records: [], text: 'TEXT' };
  for (const [state, isExplained] of Object.entries(states)) {
    const [label = ''] = messageOf({ ...page, state: state as PageState }, '').subject.split(/:| TEXT/);
    if (isExplained) expect(operating()).toContain(`\`${label}\``);
  }
});
