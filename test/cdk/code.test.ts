import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { FunctionRole } from '../../lib/aws/names.ts';
import { writeCell } from '../../lib/cdk/code.ts';
import { cellOf, SMALL } from './configurations.ts';

/** The configuration beside a function's handler. */
function beside(role: FunctionRole): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'code-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeCell(role, cellOf(SMALL), folder);
  return readFileSync(path.join(folder, 'cell.json'), 'utf8');
}

it('the prober, which parses what strangers send, does not know whom we page and call', () => {
  const people = ['+12025550100', 'events.example.org', 'slack'];
  expect(people.filter((each) => beside('arbiter').includes(each))).toEqual(people);
  expect(people.filter((each) => beside('prober').includes(each))).toEqual([]);
  expect(JSON.parse(beside('prober'))).toMatchObject({ checks: JSON.parse(beside('arbiter')).checks });
});
