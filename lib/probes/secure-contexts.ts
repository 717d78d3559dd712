import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { codeOf, ProbeFailure } from './failure.ts';

/** Texts in PEM; `ca` is trusted instead of the well-known authorities. */
export interface Pem {
  ca?: string;
  cert?: string;
  key?: string;
}

/** The well-known authorities take milliseconds to read, so contexts are kept; a cell has few different ones. */
const MAX_KEPT = 64;

/** Gives the context of these texts; throws `ProbeFailure` `secret` if they are not what they should be. */
export function createSecureContexts(ca?: string[]): (pem: Pem) => SecureContext {
  const kept = new Map<string, SecureContext>();
  return (pem) => {
    const id = JSON.stringify([pem.ca, pem.cert, pem.key]);
    const known = kept.get(id);
    if (known) return known;
    const context = contextOf(pem, ca);
    if (kept.size >= MAX_KEPT) kept.clear();
    kept.set(id, context);
    return context;
  };
}

function contextOf({ ca, cert, key }: Pem, preset: string[] | undefined): SecureContext {
  try {
    // What is no certificate is passed over otherwise, and then nothing is trusted.
    if (ca !== undefined) new X509Certificate(ca);
    // An own authority may be an intermediate, or the very certificate of the server.
    return createSecureContext({ ca: ca ?? preset, cert, key, allowPartialTrustChain: ca !== undefined });
  } catch (error) {
    throw new ProbeFailure('secret', `tls: ca, cert or key cannot be used (${codeOf(error)})`);
  }
}
