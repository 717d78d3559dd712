import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createLog, type Log } from '../../lib/aws/logger.ts';

let lines: Record<string, unknown>[];
let log: Log;

beforeEach(() => {
  lines = [];
  const write = (chunk: string | Uint8Array) => {
    for (const line of String(chunk).split('\n').filter(Boolean)) lines.push(JSON.parse(line));
    return true;
  };
  vi.spyOn(process.stdout, 'write').mockImplementation(write as typeof process.stdout.write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write as typeof process.stderr.write);
  log = createLog({ role: 'arbiter', cell: 'example', region: 'us-east-2' });
});
afterEach(() => vi.restoreAllMocks());

const always = {
  sampling_rate: 0,
  service: 'quorumwatch-arbiter',
  cell: 'example',
  region: 'us-east-2',
  timestamp: expect.any(String),
};

it('writes every event as one line that can be searched by incident and epoch', () => {
  log.emit({ event: 'transition', node: 'eu1', check: 'api', from: 'up', to: 'down', epoch: 7, incident: 'born1-7-eu1' });
  expect(lines).toEqual([
    {
      ...always,
      level: 'INFO',
      message: 'transition',
      node: 'eu1',
      check: 'api',
      from: 'up',
      to: 'down',
      epoch: 7,
      incident: 'born1-7-eu1',
    },
  ]);
});

it('raises what somebody should look at', () => {
  log.emit({ event: 'note', text: 'Route 53 cannot be compared' });
  log.emit({ event: 'hold', record: 'api', node: 'eu1', rule: 'minInService', why: 'nobody else' });
  expect(lines.map(({ level, message }) => [level, message])).toEqual([
    ['WARN', 'note'],
    ['WARN', 'hold'],
  ]);
});

it('hides the right to acknowledge, which a page carries in its link', () => {
  const text = 'eu1 DOWN https://q.example.org/i/abcDEF-_123';
  log.emit({ event: 'page', incident: 'a', state: 'down', tier: 1, attempt: 1, subject: 'eu1 DOWN', text });
  expect(lines[0]).toMatchObject({ text: 'eu1 DOWN https://q.example.org/i/hidden' });
});

it('says what failed, and where', () => {
  log.error('a message failed', new TypeError('no such thing'));
  expect(lines[0]).toMatchObject({
    ...always,
    level: 'ERROR',
    message: 'a message failed',
    error: { name: 'TypeError', message: 'no such thing' },
  });
});
