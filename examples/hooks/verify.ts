import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

const REPLAY_WINDOW_S = 300;

/** Is this request from Quorumwatch, unaltered, and at most 5 minutes old? `body`: exactly as it came, before it is parsed. */
export function isGenuine(headers: IncomingHttpHeaders, body: string, secret: string, nowMs = Date.now()): boolean {
  const timestamp = String(headers['quorumwatch-timestamp']);
  const given = Buffer.from(String(headers['quorumwatch-signature']));
  const wanted = Buffer.from(`v1=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`);
  const isSigned = given.length === wanted.length && timingSafeEqual(given, wanted);
  return isSigned && Math.abs(nowMs / 1_000 - Number(timestamp)) <= REPLAY_WINDOW_S;
}
