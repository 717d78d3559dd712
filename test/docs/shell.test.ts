/** The other pages' shell blocks that ask AWS, run as they stand: by a real shell, in which `aws` and its like only write down what they are told. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readToken } from '../../lib/aws/links.ts';
import { beatKeyName, linkKeyName, SWITCH_TAGS } from '../../lib/aws/names.ts';
import { createSecrets } from '../../lib/aws/secrets.ts';
import { beatToken } from '../../lib/web/beat-tokens.ts';
import { cellOf, example } from '../cdk/configurations.ts';
import { type Account, startAccount } from '../doctor/world.ts';
import { aws } from './aws-cli.ts';
import { pageOf, shellOf } from './commands.ts';

const CELL = cellOf(example());
/** As it was with one replica. */
const BEFORE = { ...CELL, arbiters: ['us-east-2'] };
const OWN_CHECK = '01234567-89ab-cdef-0123-456789abcdef';
const TEXT = 'what the secret holds';
const NEW_TEXT = 'random';

/** Programs that need not be here: each writes down what it is told, and says what its like would. */
const PROGRAMS: Record<string, string> = {
  aws: `if (words[1] === 'get-secret-value') say(${JSON.stringify(TEXT)} + '\\n');`,
  npx: '',
  openssl: `
if (words[0] === 'rand') say(${JSON.stringify(NEW_TEXT)} + '\\n');
else if (words[0] + words[1] + words[2] + words[4] === 'dgst-sha256-hmac-binary')
  say(require('crypto').createHmac('sha256', words[3]).update(require('fs').readFileSync(0)).digest());
else throw new Error(words.join(' '));`,
};

let account: Account;
let home: string;
beforeEach(async () => {
  account = await startAccount(example());
  home = mkdtempSync(path.join(tmpdir(), 'shell-'));
  for (const [name, program] of Object.entries(PROGRAMS)) {
    const said = `require('fs').appendFileSync(${JSON.stringify(path.join(home, 'said'))}, JSON.stringify([${JSON.stringify(name)}, ...words]) + '\\n');`;
    const source = `#!${process.execPath}\nconst words = process.argv.slice(2);\nconst say = (text) => process.stdout.write(text);\n${said}\n${program}`;
    writeFileSync(path.join(home, name), source);
    chmodSync(path.join(home, name), 0o755);
  }
});
afterEach(async () => {
  rmSync(home, { recursive: true });
  await account.close();
});

/** Runs a block, then does to the fakes what was asked of AWS. Gives what the block printed. */
async function run(block: string, NAME: string): Promise<string> {
  const env = { PATH: `${home}:${process.env.PATH}`, NAME };
  const printed = execFileSync('sh', ['-ec', block], { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  for (const line of readFileSync(path.join(home, 'said'), 'utf8').trim().split('\n')) {
    const [program, ...words] = JSON.parse(line) as string[];
    if (program === 'aws') await aws(...words);
  }
  return printed.trim();
}

const secretsIn = (region: string) => createSecrets({ clock: account.clock, region });
const hold = (name: string, text: string, regions: string[]): void => {
  account.aws.secretsManager.secrets.set(name, text);
  account.aws.secretsManager.regionsOf.set(name, regions);
};

/** By page, each of its blocks that asks AWS, in order: which secret is NAME, and what came of it. */
const BLOCKS: [page: string, what: string, name: string, came: (printed: string) => unknown][] = [
  [
    'deploying.md',
    'the right to read',
    linkKeyName(CELL),
    (printed) => expect(printed).toBe(readToken({ key: TEXT, cell: 'example' })),
  ],
  ['deploying.md', 'another text for links', linkKeyName(CELL), () => changed(linkKeyName(CELL))],
  [
    'deploying.md',
    'the secrets of another state’s stack',
    '',
    async () => expect(await secretsIn('us-west-2').resolveText({ secretsManager: beatKeyName(CELL) })).toBe(TEXT),
  ],
  ['heartbeats.md', 'a token', beatKeyName(CELL), (printed) => expect(printed).toBe(beatToken(TEXT, 'example', 'cron/nightly'))],
  ['heartbeats.md', 'another text for tokens', beatKeyName(CELL), () => changed(beatKeyName(CELL))],
  [
    'records.md',
    'the tags of a health check of one’s own',
    '',
    () =>
      expect(account.aws.route53.checks.get(OWN_CHECK)?.tags).toEqual({
        [SWITCH_TAGS.cell]: 'example',
        [SWITCH_TAGS.record]: 'api',
        [SWITCH_TAGS.node]: 'eu1',
      }),
  ],
];

async function changed(name: string): Promise<void> {
  expect(await secretsIn('us-west-2').secretVersions(name)).toEqual([NEW_TEXT, TEXT]);
}

const asking = (page: string): string[] => shellOf(pageOf(page)).filter((block) => /\baws /.test(block));

describe.each([...new Set(BLOCKS.map(([page]) => page))])('in docs/%s', (page) => {
  const mine = BLOCKS.filter(([its]) => its === page);

  it.each(mine.map(([, what, name, came], at) => ({ what, name, came, at })))('$what', async ({ name, came, at }) => {
    for (const nameOf of [linkKeyName, beatKeyName]) {
      hold(nameOf(CELL), nameOf(CELL) === name ? TEXT : 'drawn', ['us-east-1', 'us-east-2', 'us-west-2']);
      hold(nameOf(BEFORE), TEXT, ['us-east-2']);
    }
    account.aws.route53.create({ id: OWN_CHECK });
    await came(await run(asking(page)[at] ?? 'false', name));
  });

  it('every block that asks AWS is one of these', () => {
    expect(asking(page)).toHaveLength(mine.length);
  });
});
