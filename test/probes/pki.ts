import { generate } from 'selfsigned';
import type { Certificate } from './servers.ts';

interface Issue {
  /** Who signs; absent: it signs itself. */
  by?: Certificate;
  authority?: boolean;
  /** Host names; an authority has none. */
  names?: string[];
  /** Days from now; negative: past. */
  from?: number;
  to?: number;
}

const DAY_MS = 86_400_000;

/** A certificate with its key, signed by another one. */
export async function issue(
  name: string,
  { by, authority = false, names = [], from = -1, to = 60 }: Issue = {},
): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: new Date(Date.now() + from * DAY_MS),
    notAfterDate: new Date(Date.now() + to * DAY_MS),
    ...(by && { ca: by }),
    extensions: [
      { name: 'basicConstraints', cA: authority, critical: true },
      ...(authority ? [{ name: 'keyUsage' as const, keyCertSign: true, critical: true }] : []),
      ...(names.length > 0
        ? [{ name: 'subjectAltName' as const, altNames: names.map((value) => ({ type: 2 as const, value })) }]
        : []),
    ],
  });
  return { key, cert };
}

/** The chain that a server shows: its own certificate, then those of who signed it. */
export const chained = (leaf: Certificate, ...above: Certificate[]): Certificate => ({
  key: leaf.key,
  cert: [leaf, ...above].map(({ cert }) => cert.trimEnd()).join('\n'),
});
