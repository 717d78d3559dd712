/** Explanations of mutants that survive: `npm run mutate` takes a while to see that one is out of date, this does at once. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import explanations from './explained.json' with { type: 'json' };
import { countOf, type Explanation, outcomeOf, type Report } from './survivors.ts';

const SOURCE =
  "const isOld = (age: number) => age > 5;\nconst isNew = (age: number) =>\n  age < 5 && age > 0;\nconst word = 'a b';\n";

const reportOf = (...changes: [status: string, line: number, from: string, to: string][]): Report => ({
  files: {
    'lib/core/a.ts': {
      source: SOURCE,
      mutants: changes.map(([status, line, from, replacement]) => {
        const column = (SOURCE.split('\n')[line - 1] ?? '').indexOf(from) + 1;
        const location = { start: { line, column }, end: { line, column: column + from.length } };
        return { status, mutatorName: 'Operator', replacement, location };
      }),
    },
  },
});
const FILES = ['lib/core/a.ts'];
const explained = (code: string, to: string): Explanation => ({ file: 'lib/core/a.ts', code, to, why: 'it is the same' });

describe('the mutants of a file', () => {
  it('are killed, also by an endless loop, or survive, also where no test comes', () => {
    const all = ['Killed', 'Timeout', 'Survived', 'NoCoverage', 'Ignored'].map((status): [string, number, string, string] => [
      status,
      1,
      'age > 5',
      'false',
    ]);
    expect(outcomeOf(reportOf(...all), [], FILES).scores).toEqual([
      { file: 'lib/core/a.ts', killed: 2, survived: 2, explained: 0 },
    ]);
  });

  it('are named with the explanation that they lack, in so many lines that it is the only one', () => {
    const report = reportOf(['Survived', 1, 'age > 5', 'age >= 5'], ['Survived', 3, 'age < 5 && age > 0', 'true']);
    expect(outcomeOf(report, [], FILES).unexplained).toEqual([
      {
        at: 'lib/core/a.ts:1',
        mutator: 'Operator',
        entry: {
          file: 'lib/core/a.ts',
          code: 'const isOld = (age: number) => age > 5;',
          to: 'const isOld = (age: number) => age >= 5;',
        },
      },
      { at: 'lib/core/a.ts:3', mutator: 'Operator', entry: { file: 'lib/core/a.ts', code: 'age < 5 && age > 0;', to: 'true;' } },
    ]);
  });

  it('are explained by what they turn one piece of code into, white space aside', () => {
    const report = reportOf(['Survived', 3, 'age > 0', 'age >= 0']);
    const explanation = explained('(age: number) => age < 5 && age > 0', '(age: number) => age < 5 && age >= 0');
    const { scores, unexplained, idle } = outcomeOf(report, [explanation], FILES);
    expect([scores[0]?.explained, unexplained, idle]).toEqual([1, [], []]);
  });

  it('that take too long may be explained, and need not', () => {
    const report = reportOf(['Timeout', 3, 'age > 0', 'age >= 0']);
    const outcome = outcomeOf(report, [explained('age > 0', 'age >= 0')], FILES);
    expect([outcome.scores[0], outcome.idle]).toEqual([{ file: 'lib/core/a.ts', killed: 1, survived: 0, explained: 0 }, []]);
    expect(outcomeOf(report, [], FILES).unexplained).toEqual([]);
    const killed = reportOf(['Killed', 3, 'age > 0', 'age >= 0']);
    expect(outcomeOf(killed, [explained('age > 0', 'age >= 0')], FILES).idle).toHaveLength(1);
  });

  it.each([
    ['another change', explained('age > 0', 'age < 0')],
    ['another place', explained('age > 5', 'age >= 5')],
    ['code that stands there twice', explained('age >', 'age >=')],
    ['code that is gone', explained('age > 7', 'age >= 7')],
    ['another file', { ...explained('age > 0', 'age >= 0'), file: 'lib/core/b.ts' }],
  ])('are not explained by %s, which is of no use', (_, explanation) => {
    const report = reportOf(['Survived', 3, 'age > 0', 'age >= 0']);
    const { scores, unexplained, idle } = outcomeOf(report, [explanation], [...FILES, 'lib/core/b.ts']);
    expect([scores[0]?.explained, unexplained.length, idle]).toEqual([0, 1, [explanation]]);
    expect(outcomeOf(report, [explanation], []).idle).toEqual([]);
  });
});

it('every explanation is of code that stands in its file once', () => {
  const faults = (explanations as Explanation[]).filter(({ file, code, to, why }) => {
    return !existsSync(file) || countOf(code, readFileSync(file, 'utf8')) !== 1 || to === code || why === '';
  });
  expect(faults).toEqual([]);
});
