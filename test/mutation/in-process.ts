/** What the core's tests use of Vitest, for tests that stay in one process: they are imported once, and run as often as one likes. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

type Body = () => unknown;
type EachBody = (...row: unknown[]) => unknown;

export interface Test {
  id: string;
  file: string;
  body: Body;
}

/** Every test that was imported, in order. */
export const tests: Test[] = [];
const titles: string[] = [];
let file = '';

/** Imports a file of tests, given from the working directory. */
export async function load(path: string): Promise<void> {
  file = path;
  await import(pathToFileURL(path).href);
}

export function describe(title: string, body: Body): void {
  titles.push(title);
  body();
  titles.pop();
}

export function it(title: string, body: Body): void {
  const name = `${file}: ${[...titles, title].join(' ')}`;
  const twins = tests.filter(({ id }) => id === name || id.startsWith(`${name} #`)).length;
  tests.push({ id: twins > 0 ? `${name} #${twins + 1}` : name, file, body });
}

const eachOf =
  (declare: (title: string, body: Body) => void) =>
  (rows: readonly unknown[]) =>
  (title: string, body: EachBody): void => {
    for (const row of rows) declare(title, () => body(...(Array.isArray(row) ? row : [row])));
  };
describe.each = eachOf(describe);
it.each = eachOf(it);

// Vitest's own assertions, without its runner.
const require = createRequire(import.meta.url);
const ofVitest = createRequire(require.resolve('vitest'));
const packageOf = (name: string) => import(pathToFileURL(ofVitest.resolve(name)).href);
const chai = await packageOf('chai');
const assertions = await packageOf('@vitest/expect');
for (const plugin of ['JestExtend', 'JestChaiExpect', 'JestAsymmetricMatchers']) chai.use(assertions[plugin]);
chai.Assertion.addMethod('toMatchFileSnapshot', function (this: { _obj: string }, path: string) {
  if (!existsSync(path) || readFileSync(path, 'utf8') !== this._obj) throw new Error(`${path} differs`);
});
export const expect = Object.assign((value: unknown, message?: string) => chai.expect(value, message), chai.expect, {
  ...(globalThis as Record<symbol, object>)[assertions.ASYMMETRIC_MATCHERS_OBJECT],
});
Object.defineProperty(globalThis, assertions.GLOBAL_EXPECT, { value: expect, configurable: true });
assertions.setState({ assertionCalls: 0, environment: 'node', testPath: '', currentTestName: '' }, expect);
