import { ASSUMPTIONS } from './assumptions.ts';

/** `docs/doctor.md`: which assumption each check proves, and by whom it is made. */
export const doctorDocs = (): string =>
  [
    '# What doctor proves',
    '',
    '<!-- Written by npm run docs from lib/doctor. -->',
    '',
    'The tests of this project reach no AWS account. What the design rests on and only your own account can prove, `npx quorumwatch doctor`',
    'asks there, by your credentials; it takes away what it made, also when it fails or is stopped. `--only ID` asks one of them.',
    '',
    '| id | assumption | proof | said by |',
    '|---|---|---|---|',
    ...ASSUMPTIONS.map(({ id, claim, proof, source }) => `| \`${id}\` | ${claim} | ${proof} | ${source} |`),
    '',
    '`holds`, `fails` and `unknown` (it could not be asked, for want of rights or of an answer) are the outcomes; each finding says what to do.',
    'Exit code 0 when everything holds, 1 otherwise; `--json` prints `[{id, claim, outcome, findings: [{subject, what, todo}]}]`.',
    '',
  ].join('\n');
