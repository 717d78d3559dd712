import type { Cell } from '../core/cell.ts';
import { errorText } from '../core/error-text.ts';
import { type Latency, type VantageLatency, vantageLatency } from '../core/latency.ts';
import type { Clock, Emit, History } from '../ports.ts';
import { within } from '../run/within.ts';

/** How long looks took in the last hours, by vantage, as far as it could be read. */
export interface LatencyReport {
  hours: number;
  /** ms since 1970. */
  at: number;
  vantages: Readonly<Record<string, VantageLatency | 'unreadable'>>;
}

/** Of so many hours anybody may ask. */
export const LATENCY_HOURS = [1, 6, 24];

export type ReadLatency = (hours: number) => Promise<LatencyReport>;

export interface LatencyPorts {
  cell: Cell;
  clock: Clock;
  history: Pick<History, 'read'>;
  emit?: Emit;
}

const HOUR_MS = 3_600_000;
/** Of all vantages together, in pages of 1 MB; each has one, which holds an hour of 2,000 checks at 10 s. */
const MAX_PAGES = 24;
/** Of the ten seconds that a request may take. */
const READ_MS = 2_000;
const KEPT_AT_LEAST_MS = 10_000;
const KEPT_SHARE = 60;

/**
 * Reads history for people. What was read is shown again until a sixtieth of the time that it is of has gone by, and never for less than
 * 10 s: however many ask, what is read costs the same. Never throws: what cannot be read is said.
 */
export function createLatencyReader({ cell, clock, history, emit }: LatencyPorts): ReadLatency {
  const { vantages } = cell;
  const maxPages = Math.max(1, Math.floor(MAX_PAGES / vantages.length));
  const known = new Map<number, { report: Promise<LatencyReport>; until: number }>();

  async function readVantage(vantage: string, from: number, to: number): Promise<VantageLatency | 'unreadable'> {
    try {
      const { rounds, unreadable } = await within(clock, READ_MS, history.read(vantage, from, maxPages));
      return rounds.length === 0 && unreadable > 0 ? 'unreadable' : vantageLatency(cell, vantage, rounds, { from, to });
    } catch (error) {
      emit?.({ event: 'note', text: `history of ${vantage} cannot be read: ${errorText(error)}` });
      return 'unreadable';
    }
  }

  async function read(hours: number): Promise<LatencyReport> {
    const at = clock.now();
    const reading = vantages.map(async (vantage) => [vantage, await readVantage(vantage, at - hours * HOUR_MS, at)] as const);
    return { hours, at, vantages: Object.fromEntries(await Promise.all(reading)) };
  }

  return async (hours) => {
    const kept = known.get(hours);
    if (kept && clock.now() < kept.until) return kept.report;
    // Who asks meanwhile waits for the same.
    const fresh = { report: read(hours), until: Number.POSITIVE_INFINITY };
    known.set(hours, fresh);
    fresh.until = keptUntil(await fresh.report);
    return fresh.report;
  };
}

function keptUntil({ at, vantages }: LatencyReport): number {
  const since = Object.values(vantages).map((each) => (each === 'unreadable' ? at : (each.since ?? at)));
  return at + Math.max(KEPT_AT_LEAST_MS, (at - Math.min(...since)) / KEPT_SHARE);
}

/** Of a check from a vantage, for programs. */
interface LatencyOfCheck extends Latency {
  /** Medians of as many slices of the time since then; only of a node that was asked for by name. */
  medianMs?: (number | null)[];
}

/** The same for programs. Of one node with its course: of all it would be too much. */
export function latencyJson({ checks, nodes }: Cell, { hours, at, vantages }: LatencyReport, node: string | undefined) {
  const shown = nodes.filter(({ id }) => node === undefined || id === node).map(({ id }) => id);
  return {
    at: new Date(at).toISOString(),
    hours,
    vantages: Object.entries(vantages).map(([id, each]) => ({
      id,
      state: each === 'unreadable' ? 'unreadable' : 'ok',
      since: each === 'unreadable' || each.since === undefined ? null : new Date(each.since).toISOString(),
    })),
    nodes: shown.map((id) => ({
      id,
      checks: checks
        .filter((check) => check.node === id)
        .map((check) => ({ id: check.id, latency: ofCheck(vantages, check.key, node !== undefined) })),
    })),
  };
}

function ofCheck(vantages: LatencyReport['vantages'], key: string, withCourse: boolean): Record<string, LatencyOfCheck> {
  const known = Object.entries(vantages).flatMap(([id, each]): [string, LatencyOfCheck][] => {
    const latency = each === 'unreadable' ? undefined : each.checks.get(key);
    if (each === 'unreadable' || !latency) return [];
    return [[id, { ...latency, ...(withCourse && { medianMs: each.courseOf(key) }) }]];
  });
  return Object.fromEntries(known);
}
