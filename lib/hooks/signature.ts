import { createHmac } from 'node:crypto';

/** Headers by which a receiver knows that a request is ours and when it was made; `docs/hooks.md` shows how to check them. */
export function signatureHeaders(secret: string, body: string, now: number): Record<string, string> {
  const timestamp = String(Math.floor(now / 1_000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return { 'quorumwatch-timestamp': timestamp, 'quorumwatch-signature': `v1=${signature}` };
}
