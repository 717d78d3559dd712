import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { statusOf } from '../../lib/core/status.ts';
import { badge } from '../../lib/web/badge.ts';
import { metricsText } from '../../lib/web/metrics.ts';
import { createManualClock, type ManualClock } from '../clock.ts';
import { createWorld, openIncident, startTable, type Table, type World } from './world.ts';

let table: Table;
let clock: ManualClock;
let world: World;
beforeAll(async () => {
  table = await startTable();
});
afterAll(() => table.close());
beforeEach(() => {
  clock = createManualClock();
  world = createWorld(table, clock);
});

/** Prometheus' text format 0.0.4 as its documentation has it: throws at the first line that is not of it. */
function parseMetrics(text: string): Map<string, number> {
  const types = new Map<string, string>();
  const helped = new Set<string>();
  const samples = new Map<string, number>();
  if (!text.endsWith('\n')) throw new Error('the last line must end');
  for (const line of text.slice(0, -1).split('\n')) {
    const [, kind, about, rest] = /^# (HELP|TYPE) ([a-zA-Z_:][\w:]*) (.+)$/.exec(line) ?? [];
    if (kind === 'HELP' && about) {
      if (helped.has(about)) throw new Error(`second HELP: ${line}`);
      helped.add(about);
      continue;
    }
    if (kind === 'TYPE' && about) {
      if (types.has(about) || !/^(gauge|counter)$/.test(rest ?? '')) throw new Error(`bad TYPE: ${line}`);
      types.set(about, rest ?? '');
      continue;
    }
    const [, name, labels = '', value] = /^([a-zA-Z_:][\w:]*)(\{.*\})? (-?[\d.eE+-]+|NaN|[+-]Inf)$/.exec(line) ?? [];
    if (!name || [...types.keys()].at(-1) !== name || !helped.has(name))
      throw new Error(`not a sample of the current metric: ${line}`);
    if (labels && !/^\{([a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)+\}$/.test(labels)) throw new Error(`bad labels: ${line}`);
    if (samples.has(name + labels)) throw new Error(`second value: ${line}`);
    samples.set(name + labels, Number(value));
  }
  return samples;
}

describe('GET /metrics', () => {
  it('says verdicts, votes, ages, epoch and members in the text format', async () => {
    await world.commit();
    await world.castAll({ 'eu1/api': ['degraded', 'slow'] });
    await world.cast('us-east-2', { 'eu1/api': ['down', 'status'] });
    await clock.advance(2_500);
    const answer = await world.get('/metrics');
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const samples = parseMetrics(await answer.text());
    expect(Object.fromEntries([...samples].filter(([, value]) => value !== 0))).toMatchObject({
      'quorumwatch_build_info{version="0.0.0-test"}': 1,
      quorumwatch_table_readable: 1,
      quorumwatch_ledger_epoch: 1,
      'quorumwatch_node_verdict{node="eu1",verdict="degraded"}': 1,
      'quorumwatch_node_verdict{node="us1",verdict="up"}': 1,
      'quorumwatch_check_verdict{node="eu1",check="api",verdict="degraded"}': 1,
      'quorumwatch_check_votes{node="eu1",check="api",vote="degraded"}': 2,
      'quorumwatch_check_votes{node="eu1",check="api",vote="down"}': 1,
      'quorumwatch_vantage_state{vantage="us-east-2",state="up"}': 1,
      'quorumwatch_ballot_age_seconds{vantage="us-east-2"}': 2.5,
      'quorumwatch_record_members{record="api"}': 2,
      'quorumwatch_record_members_in_service{record="api"}': 2,
    });
    expect(samples.get('quorumwatch_node_verdict{node="eu1",verdict="up"}')).toBe(0);
    expect(samples.get('quorumwatch_incidents_open{acknowledged="no"}')).toBe(0);
  });

  it('leaves out what is not known while the table is away', async () => {
    world.takeTable(true);
    const samples = parseMetrics(await (await world.get('/metrics')).text());
    expect(samples.get('quorumwatch_table_readable')).toBe(0);
    expect([...samples.keys()].filter((key) => /epoch|ballot_age/.test(key))).toEqual([]);
  });

  it('escapes label values', () => {
    const nothing = { ballots: {}, acts: 'missing', ledger: 'missing' } as const;
    const status = statusOf(world.cell, nothing, undefined, clock.now());
    const [node] = status.nodes;
    const hostile = { ...status, nodes: node ? [{ ...node, id: 'a"b\\c\nd' }] : [] };
    expect(() => parseMetrics(metricsText(hostile, '1'))).not.toThrow();
    expect(metricsText(hostile, '1')).toContain('{node="a\\"b\\\\c\\nd",verdict="unknown"} 1');
  });
});

describe('GET /badge/NODE.svg', () => {
  it('draws a verdict that may be cached for a while', async () => {
    await world.castAll();
    const answer = await world.get('/badge/eu1.svg');
    expect(answer.headers.get('content-type')).toBe('image/svg+xml; charset=utf-8');
    expect(answer.headers.get('cache-control')).toBe('public, max-age=30');
    expect(await answer.text()).toContain('<title>eu1: up</title>');
    expect((await world.get('/badge/nope.svg')).status).toBe(404);
  });

  it('escapes', () => {
    expect(badge('<b>&"', 'down')).not.toContain('<b>');
    expect(badge('<b>&"', 'down')).toContain('aria-label="&lt;b&gt;&amp;&quot;: down"');
  });
});

describe('GET /feed.xml', () => {
  it('lists incidents as an Atom feed', async () => {
    const incident = openIncident('born1-2', 'eu1', clock.now());
    incident.timeline.push({ at: clock.now() + 1_000, epoch: 3, what: 'paged down', detail: '<script>&\u0007' });
    await world.commit({ incidents: { [incident.id]: incident } });
    const answer = await world.get('/feed.xml');
    expect(answer.headers.get('content-type')).toBe('application/atom+xml; charset=utf-8');
    const feed = await answer.text();
    expect(feed).toMatch(/^<\?xml version="1\.0" encoding="utf-8"\?>\n<feed xmlns="http:\/\/www\.w3\.org\/2005\/Atom">/);
    expect(balanced(feed)).toBe(true);
    // RFC 4287 4.1.1, 4.1.2: what feeds and entries must have.
    for (const part of [
      '<id>urn:quorumwatch:example</id>',
      '<title>example: incidents</title>',
      '<updated>2026-01-01T00:00:01.000Z</updated>',
      '<author><name>',
    ])
      expect(feed).toContain(part);
    for (const part of [
      '<id>urn:quorumwatch:example:born1-2</id>',
      '<title>eu1 down</title>',
      'href="http://localhost/incidents/born1-2"',
    ])
      expect(feed).toContain(part);
    expect(feed).toContain('2026-01-01T00:00:01.000Z paged down: &lt;script&gt;&amp;\ufffd');
  });

  it('is a feed without entries when nothing ever happened', async () => {
    const feed = await (await world.get('/feed.xml')).text();
    expect(feed).toContain('<updated>2026-01-01T00:00:00.000Z</updated>');
    expect(feed).not.toContain('<entry>');
  });
});

/** Does every element that is opened close, in order? */
function balanced(xml: string): boolean {
  const open: string[] = [];
  for (const [, close, name = '', self] of xml.matchAll(/<(\/?)([a-z]+)(?:\s[^<>]*?)?(\/?)>/g)) {
    if (self) continue;
    if (!close) open.push(name);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}
