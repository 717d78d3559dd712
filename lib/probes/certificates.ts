import type { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import type { ReasonCode } from '../core/reasons.ts';
import { ProbeFailure } from './failure.ts';

/** A certificate that a server sent; times in ms since 1970. */
export interface PeerCertificate {
  /** Common name, or the whole subject where there is none. */
  name: string;
  issuer: string;
  /** The hosts that it is for, as OpenSSL writes them: `DNS:node.example.org, IP Address:203.0.113.10`. */
  hosts: string;
  validFrom: number;
  expiresAt: number;
}

/** Names in certificates are whatever their owner wrote. */
const MAX_NAME = 64;

/** What the server sent, its own certificate first, whether it belongs to the chain or not. Node gives it once a socket. */
export function certificatesOf(socket: TLSSocket): PeerCertificate[] {
  const sent: PeerCertificate[] = [];
  for (let each: X509Certificate | undefined = socket.getPeerX509Certificate(); each; each = each.issuerCertificate) {
    const { subject, issuer, subjectAltName: hosts = 'none', validFromDate, validToDate } = each;
    // A date that cannot be read is long past: whoever wrote it vouches for nothing.
    const [validFrom, expiresAt] = [validFromDate.getTime() || 0, validToDate.getTime() || 0];
    sent.push({ name: nameIn(subject), issuer: nameIn(issuer), hosts, validFrom, expiresAt });
  }
  return sent;
}

/** Subject and issuer are lines like `CN=node.example.org`. */
const nameIn = (lines: string | undefined): string =>
  (/^CN=(.*)$/m.exec(lines ?? '')?.[1] ?? lines ?? '').replaceAll('\n', ', ').slice(0, MAX_NAME);

/** X.509 verification errors by OpenSSL's names (openssl-verification-options(1), Node's "X509 certificate error codes"). */
const REASON_OF: Record<string, ReasonCode> = {
  CERT_HAS_EXPIRED: 'certificate-expired',
  CERT_NOT_YET_VALID: 'certificate-not-yet-valid',
  ERR_TLS_CERT_ALTNAME_INVALID: 'certificate-wrong-host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'certificate-self-signed',
  SELF_SIGNED_CERT_IN_CHAIN: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'certificate-untrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'certificate-untrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'certificate-untrusted',
};

/** Why the chain that this socket was shown does not hold for the host. */
export function certificateFailure(socket: TLSSocket, host: string, now: number): ProbeFailure {
  const code = String(socket.authorizationError);
  const sent = certificatesOf(socket);
  const known = REASON_OF[code] ?? 'certificate-invalid';
  const reason = known === 'certificate-untrusted' && sent.length === 1 ? 'certificate-incomplete' : known;
  const failure = new ProbeFailure(reason, `certificate of ${host} ${explain(reason, code, sent, now)}`);
  failure.certificates = sent;
  return failure;
}

function explain(reason: ReasonCode, code: string, sent: readonly PeerCertificate[], now: number): string {
  const [leaf] = sent;
  const last = sent.at(-1);
  const expired = sent.find(({ expiresAt }) => expiresAt < now);
  const future = sent.find(({ validFrom }) => validFrom > now);
  switch (reason) {
    case 'certificate-expired':
      return `has expired: ${expired && `"${expired.name}" on ${iso(expired.expiresAt)}`}`;
    case 'certificate-not-yet-valid':
      return `is not yet valid: ${future && `"${future.name}" from ${iso(future.validFrom)}`}`;
    case 'certificate-wrong-host':
      return `is for another host: ${leaf?.hosts}`;
    case 'certificate-self-signed':
      return `is signed by itself: "${leaf?.name}"`;
    case 'certificate-untrusted':
      return `is not trusted: nobody knows "${last?.issuer}"`;
    case 'certificate-incomplete':
      return `comes without the certificate of its issuer "${leaf?.issuer}", which nobody knows`;
    default:
      return `does not hold: ${code}`;
  }
}

const iso = (ms: number): string => new Date(ms).toISOString();
