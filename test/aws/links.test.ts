import { describe, expect, it } from 'vitest';
import { judgeToken, linkTo, linkToken } from '../../lib/aws/links.ts';

const DAY = 86_400_000;
/** A Thursday, 00:00: tokens' weeks are counted from 1970-01-01, which was one. */
const WEEK = Date.UTC(2026, 0, 1);
const signing = { key: 'a key', cell: 'example' };
const token = linkToken(signing, 'born1-2-eu1', WEEK);

const judged = (changes: { keys?: string[]; cell?: string; incident?: string; token?: string; days?: number } = {}) => {
  const { keys = ['a key'], cell = 'example', incident = 'born1-2-eu1', days = 0, ...shown } = changes;
  return judgeToken(keys, { cell, incident, now: WEEK + days * DAY, ...('token' in shown ? shown : { token }) });
};

describe('a link', () => {
  it('leads to the incident, with 96 bits that open it; without a key it only leads there; without a web part it is none', () => {
    expect(linkTo('https://q.example.org', 'born1-2-eu1', signing, WEEK)).toBe(`https://q.example.org/i/${token}`);
    expect(token).toMatch(/^[\w-]{16}$/);
    expect(linkTo('https://q.example.org', 'born1-2-eu1', undefined, WEEK)).toBe('https://q.example.org/incidents/born1-2-eu1');
    expect(linkTo('', 'born1-2-eu1', signing, WEEK)).toBe('');
  });

  it('works in the week in which it was sent and the next, and is known to have expired for half a year', () => {
    expect([0, 6.9, 7, 13.9].map((days) => judged({ days }))).toEqual(['good', 'good', 'good', 'good']);
    expect([14, 100, 181].map((days) => judged({ days }))).toEqual(['expired', 'expired', 'expired']);
    expect(judged({ days: 182 })).toBe('wrong');
  });

  it.each([
    ['of another incident', { incident: 'born1-3-eu1' }],
    ['of another cell', { cell: 'other' }],
    ['by another key', { keys: ['another'] }],
    ['of the week to come', { days: -0.1 }],
    ['that was cut', { token: token.slice(0, -1) }],
    ['that is empty', { token: '' }],
  ])('%s opens nothing', (_, changes) => {
    expect(judged(changes)).toBe('wrong');
  });

  it('works by the key that is being replaced, too', () => {
    expect(judged({ keys: ['new', 'a key'] })).toBe('good');
    expect(judged({ keys: ['new'] })).toBe('wrong');
  });
});
