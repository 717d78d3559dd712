import type { Check, Text, TlsOptions } from '../core/cell.ts';
import type { ReasonCode } from '../core/reasons.ts';
import type { Explained, Probe, ProbeResult } from '../ports.ts';
import type { Dial, TlsTarget } from './dial.ts';
import { ProbeFailure } from './failure.ts';
import { headerValue } from './header-value.ts';
import type { Finding, Look, Outcome } from './look.ts';
import { protocolOf } from './protocols.ts';
import { createShow, type Show } from './show.ts';
import { unlessAborted } from './sockets.ts';
import type { ProxyTarget } from './tunnel.ts';

export interface ProbeOptions {
  /** @see createDial */
  dial: Dial;
  /** The text behind a `Text`; throws if a secret cannot be read. */
  resolveText: (text: Text) => Promise<string>;
  /** Further texts that no detail may show, such as what a configuration took from the environment. */
  hidden?: readonly string[];
  /** Results are explained, for people to read. @default false */
  explain?: boolean;
}

/** Looks at checks of every kind: one look within `check.timeoutMs`, never throwing, nothing left open afterwards. */
export function createProbe(options: ProbeOptions): Probe {
  return async (check, signal) => {
    const show = createShow(options.hidden ?? []);
    const run = await protocolOf(check.probe).catch((error) => () => Promise.reject(error));
    const limit = timeLimit(check.timeoutMs, signal);
    const look = createLook(check, limit.signal, show, options);
    const result = await run(look).then(
      (outcome): ProbeResult => ({
        ...verdictOf(outcome, show),
        timings: { ...look.timings, totalMs: outcome.tookMs },
        ...(options.explain && { explained: explain(look, outcome.findings) }),
      }),
      (error): ProbeResult => ({
        ...failed(error, show),
        timings: { ...look.timings, totalMs: look.elapsedMs() },
        ...(options.explain && { explained: explain(look, []) }),
      }),
    );
    limit.clear();
    return signal.aborted ? { vote: 'abstain', reason: 'unfinished', timings: result.timings } : result;
  };
}

function createLook(check: Check, signal: AbortSignal, show: Show, options: ProbeOptions): Look {
  const { dial, resolveText } = options;
  let startedAt = performance.now();
  const look: Look = {
    check,
    signal,
    show,
    timings: {},
    certificates: [],
    elapsedMs: () => performance.now() - startedAt,
    async text(value) {
      if (typeof value === 'string') return value;
      const askedAt = performance.now();
      const secret = await unlessAborted(resolveText(value), signal, () => new Error('no answer within the timeout')).catch(
        (error) => {
          throw new ProbeFailure('secret', `${Object.values(value)[0]}: ${error.message}`);
        },
      );
      startedAt += performance.now() - askedAt;
      show.hide(secret);
      return secret;
    },
    async dial(target) {
      try {
        const tls = target.tls && { ...target.tls, ...(await tlsTexts(check.probe.tls ?? {}, look)) };
        const proxy = await proxyOf(look);
        const dialled = await dial({ ...target, ...(tls && { tls }), ...(proxy && { proxy }), check }, signal);
        addTimings(look, dialled.timings);
        look.certificates = dialled.certificates ?? [];
        return dialled;
      } catch (error) {
        if (error instanceof ProbeFailure) {
          addTimings(look, error.timings);
          look.certificates = error.certificates;
        }
        throw error;
      }
    },
    beside: () => createLook(check, signal, show, options),
  };
  return look;
}

/** A check's own authorities, client certificate and server name. */
async function tlsTexts({ ca, cert, key, servername }: TlsOptions, look: Look): Promise<Omit<TlsTarget, 'protocols'>> {
  return {
    ...(ca !== undefined && { ca: await look.text(ca) }),
    ...(cert !== undefined && { cert: await look.text(cert) }),
    ...(key !== undefined && { key: await look.text(key) }),
    ...(servername !== undefined && { servername }),
  };
}

/** A check's proxy, its credentials fetched. */
async function proxyOf(look: Look): Promise<ProxyTarget | undefined> {
  const { proxy } = look.check.probe;
  if (!proxy) return undefined;
  const { authorization, ...place } = proxy;
  if (authorization === undefined) return place;
  const text = headerValue('proxy', await look.text(authorization));
  look.show.hide(text);
  return { ...place, authorization: text };
}

function addTimings({ timings }: Look, { dnsMs, connectMs, tlsMs }: Look['timings']): void {
  if (dnsMs !== undefined) timings.dnsMs = (timings.dnsMs ?? 0) + dnsMs;
  if (connectMs !== undefined) timings.connectMs = (timings.connectMs ?? 0) + connectMs;
  if (tlsMs !== undefined) timings.tlsMs = (timings.tlsMs ?? 0) + tlsMs;
}

/** Worst first; the vote and the reason are the worst finding's. */
function verdictOf({ findings, note, facts }: Outcome, show: Show): Omit<ProbeResult, 'timings'> {
  const sorted = [...findings.filter(({ vote }) => vote === 'down'), ...findings.filter(({ vote }) => vote === 'degraded')];
  const worst: Pick<Finding, 'reason'> & Pick<ProbeResult, 'vote'> = sorted[0] ?? { vote: 'up', reason: 'ok' };
  const detail = [...sorted.map((finding) => finding.detail), ...(note ? [note] : [])].join('; ');
  return { vote: worst.vote, reason: worst.reason, ...(detail && { detail: show.detail(detail) }), ...(facts && { facts }) };
}

const explain = ({ show, certificates }: Look, findings: readonly Finding[]): Explained => ({
  expectations: findings.map(({ vote, detail }) => ({ vote, detail: show.detail(detail) })),
  certificates: certificates.map((each) => ({ ...each, name: show.detail(each.name), issuer: show.detail(each.issuer) })),
});

/** What keeps a look from the node, and is not its fault. */
const NOT_THE_NODES: ReadonlySet<ReasonCode> = new Set(['secret', 'proxy', 'internal']);

function failed(error: unknown, show: Show): Omit<ProbeResult, 'timings'> {
  const detail = show.detail((error as Error).message);
  if (!(error instanceof ProbeFailure)) return { vote: 'abstain', reason: 'internal', detail };
  return { vote: NOT_THE_NODES.has(error.reason) ? 'abstain' : 'down', reason: error.reason, detail };
}

/** Aborts after so many ms or with the parent; `clear` lets go of both. */
function timeLimit(timeoutMs: number, parent: AbortSignal): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const abort = () => controller.abort();
  const timer = setTimeout(abort, timeoutMs);
  if (parent.aborted) abort();
  else parent.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    clear() {
      clearTimeout(timer);
      parent.removeEventListener('abort', abort);
    },
  };
}
