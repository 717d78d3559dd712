import type { TlsSpec, TlsVersion } from '../core/cell.ts';
import { judgeCertificates, judgeTime } from './expectations.ts';
import { ProbeFailure } from './failure.ts';
import { type Finding, type Look, met, type Outcome } from './look.ts';
import { askForTls } from './starttls.ts';

/** Shakes hands, after STARTTLS where it is asked for; judges the version and every certificate that was sent. */
export async function probeTls({ host, port, starttls, expect }: TlsSpec, look: Look): Promise<Outcome> {
  const ask = starttls && askForTls(starttls, look.show);
  const { socket, certificates, tlsVersion } = await look.dial({ host, port, tls: { protocols: [], ...(ask && { ask }) } });
  socket.destroy();
  const tookMs = look.elapsedMs();
  if (!certificates || !tlsVersion) throw new ProbeFailure('tls-failed', `${host} spoke no TLS`);
  const findings = [
    ...judgeVersion(tlsVersion, expect.minVersion),
    ...judgeCertificates(certificates, Date.now(), expect.certificate),
    ...judgeTime(tookMs, expect.time),
  ];
  return { findings, tookMs };
}

/** `TLSv1.2` and `TLSv1.3` sort as they are. */
function judgeVersion(version: string, minVersion: TlsVersion | undefined): Finding[] {
  if (minVersion === undefined) return [];
  const detail = `agreed on ${version}, expected at least ${minVersion}`;
  return [version >= minVersion ? met(detail) : { vote: 'down', reason: 'tls-version', detail }];
}
