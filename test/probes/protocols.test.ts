import { beforeEach, expect, it, vi } from 'vitest';
import type { ProbeSpec } from '../../lib/core/cell.ts';
import { cellOf } from '../config/cell.ts';

/** The spec of a check, as it is written. */
function specOf(check: string): ProbeSpec {
  const [first] = cellOf(`
name: example
vantages: [a, b, c]
nodes: { n: { url: "http://127.0.0.1:9", checks: { c: ${check} } } }
`).checks;
  if (!first) throw new Error('there is no check');
  return first.probe;
}

// As in a function that has just started.
beforeEach(() => void vi.resetModules());

it.each([
  ['a status alone', '{ type: http }', 'neither'],
  ['a text', '{ type: http, expect: { body: { contains: a } } }', 'neither'],
  ['a pattern for the body', "{ type: http, expect: { body: { matches: 'a+' } } }", 'patterns'],
  ['a banner', '{ type: tcp, port: 22, expect: { banner: ^SSH } }', 'patterns'],
  ['a JMESPath', '{ type: jsonrpc, method: m, expect: { json: [{ path: a, equals: 1 }] } }', 'paths'],
  ['a number that grows', '{ type: websocket, path: /, expect: { grows: a } }', 'paths'],
  ['a pattern at a JMESPath', "{ type: http, expect: { json: [{ path: a, matches: 'a+' }] } }", 'both'],
])('what %s needs is loaded before the look, and nothing else', async (_, check, needs) => {
  const [{ protocolOf }, { matches }, { evaluate }] = await Promise.all([
    import('../../lib/probes/protocols.ts'),
    import('../../lib/probes/patterns.ts'),
    import('../../lib/probes/json.ts'),
  ]);
  await protocolOf(specOf(check));
  const works = (use: () => unknown): boolean => {
    try {
      use();
      return true;
    } catch {
      return false;
    }
  };
  expect({ patterns: works(() => matches('a', 'a')), paths: works(() => evaluate('a', { a: 1 })) }).toEqual({
    patterns: needs === 'patterns' || needs === 'both',
    paths: needs === 'paths' || needs === 'both',
  });
});
