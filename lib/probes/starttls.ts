import type { Duplex } from 'node:stream';
import type { Starttls } from '../core/cell.ts';
import { ProbeFailure } from './failure.ts';
import type { Show } from './show.ts';

/** Longest answer in a dialogue; EHLO's is the longest, a line for each extension. */
const MAX_ANSWER_BYTES = 4_096;

interface Step {
  send?: string | Buffer;
  /** A complete answer. */
  answer: RegExp;
  /** What may come before it. */
  before: RegExp;
  /** What it must say. */
  good: RegExp;
  /** Whether another answer means that TLS is not offered, rather than that this is not the protocol. */
  offer?: true;
}

/** RFC 5321 4.2: lines with a hyphen behind the code, then one without. */
const smtp = (send: string | undefined, good: RegExp, offer?: true): Step => ({
  ...(send !== undefined && { send }),
  answer: /^(\d{3}-[^\n]*\n)*\d{3}( [^\n]*)?\n/,
  before: /^(\d{3}-[^\n]*\n)*$/,
  good,
  ...(offer && { offer }),
});

/** PostgreSQL documentation, "SSLRequest": length 8, then the code 80877103; the answer is one byte, S or N. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

const DIALOGUES: Record<Starttls, Step[]> = {
  // RFC 3207 4; the name is an address literal for want of a name of our own (RFC 5321 4.1.4).
  smtp: [
    smtp(undefined, /^220[ -]/),
    smtp('EHLO [127.0.0.1]\r\n', /^250[ -]STARTTLS\s/im, true),
    smtp('STARTTLS\r\n', /^220/, true),
  ],
  // RFC 9051 7.1 and 6.2.1.
  imap: [
    { answer: /^\* [^\n]*\n/, before: /^$/, good: /^\* OK/i },
    { send: 'a STARTTLS\r\n', answer: /^(\* [^\n]*\n)*a [^\n]*\n/, before: /^(\* [^\n]*\n)*$/, good: /^a OK/im, offer: true },
  ],
  postgres: [{ send: SSL_REQUEST, answer: /^[SN]/, before: /^$/, good: /^S/, offer: true }],
};

/**
 * Asks for TLS as the protocol does it, over a socket that was just connected. Throws `tls-refused` if it is not offered,
 * `protocol-error`, `closed-early` or `answer-timeout`.
 */
export function askForTls(protocol: Starttls, show: Show): (socket: Duplex, signal: AbortSignal) => Promise<void> {
  return async (socket, signal) => {
    for (const { send, answer, before, good, offer } of DIALOGUES[protocol]) {
      if (send !== undefined) socket.write(send);
      const text = await read(socket, (said) => isComplete(said, answer, before, protocol, show), protocol, signal);
      if (good.test(text)) continue;
      const reason = offer ? 'tls-refused' : 'protocol-error';
      throw new ProbeFailure(reason, `${protocol} ${offer ? 'offers no TLS' : 'does not welcome'}: ${show.quote(text)}`);
    }
  };
}

/** Is this an answer, whole? Throws if it can become none, or if there is more: plain text behind it would be taken for secured. */
function isComplete(said: string, answer: RegExp, before: RegExp, protocol: Starttls, show: Show): boolean {
  const [whole] = answer.exec(said) ?? [];
  if (whole === said) return true;
  const started = whole === undefined && said.length <= MAX_ANSWER_BYTES;
  if (started && (before.test(said) || (protocol !== 'postgres' && !said.endsWith('\n')))) return false;
  throw new ProbeFailure('protocol-error', `not an answer of ${protocol}: ${show.quote(said)}`);
}

/** What comes until it is complete. */
function read(socket: Duplex, complete: (said: string) => boolean, protocol: Starttls, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const settle = () => {
      socket.off('data', take).off('close', closed);
      signal.removeEventListener('abort', late);
    };
    const fail = (error: unknown) => {
      settle();
      reject(error);
    };
    const take = (chunk: Buffer) => {
      said += chunk.toString('latin1');
      try {
        if (!complete(said)) return;
        settle();
        resolve(said);
      } catch (error) {
        fail(error);
      }
    };
    const closed = () => fail(new ProbeFailure('closed-early', `connection closed while ${protocol} was asked for TLS`));
    const late = () => fail(new ProbeFailure('answer-timeout', `${protocol} did not answer within the timeout`));
    socket.on('data', take).on('close', closed);
    if (signal.aborted) late();
    else signal.addEventListener('abort', late, { once: true });
  });
}
