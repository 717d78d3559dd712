import { describe, expect, it } from 'vitest';
import { cellOf } from './cell.ts';

const yaml = (check: string) => `
name: x
vantages: [a, b, c]
nodes:
  n: { url: "https://n.example.org", checks: { c: { type: http, ${check} } } }
`;
const env = { TOKEN: 'a long token', SHORT: 'short', HOST: 'https://other.example.org' };

describe('what is taken from the environment', () => {
  it('is hidden where it is sent to a node', () => {
    expect(cellOf(yaml('headers: { x-api: { env: TOKEN } }'), { env }).hidden).toEqual(['a long token']);
    expect(cellOf(yaml('method: POST, body: { env: TOKEN }'), { env }).hidden).toEqual(['a long token']);
  });

  it('is shown where people need it, and where it is too short to be a secret', () => {
    expect(cellOf(yaml('url: { env: HOST }'), { env }).hidden).toEqual([]);
    expect(cellOf(yaml('headers: { x-api: { env: SHORT } }'), { env }).hidden).toEqual([]);
  });
});
