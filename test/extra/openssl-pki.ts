import type { Daemons } from './daemons.ts';

const CONFIG = `[ca]
default_ca = own
[own]
database = index.txt
rand_serial = yes
default_md = sha256
policy = names
unique_subject = no
[names]
commonName = supplied
`;
const AUTHORITY = 'basicConstraints = critical, CA:TRUE\nkeyUsage = critical, keyCertSign, cRLSign\n';
const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const DAY_MS = 86_400_000;

/** `20260301000000Z`, days from now. */
const at = (days: number): string => new Date(Date.now() + days * DAY_MS).toISOString().replace(/[-:T]|\.\d+/g, '');

/** An authority made by openssl, which signs what it is asked to; each certificate is `name.pem` with `name.key`. */
export function createPki(daemons: Daemons) {
  daemons.write('ca.cnf', CONFIG);
  daemons.write('index.txt', '');
  const read = (name: string) => daemons.read(`${name}.pem`);
  return {
    read,
    /** `name.chain.pem`: the certificate, then those above it. */
    chain(name: string, ...above: string[]) {
      return daemons.write(`${name}.chain.pem`, [name, ...above].map(read).join(''));
    },
    selfSigned(name: string, host: string, authority = false) {
      const extension = authority ? 'basicConstraints=critical,CA:TRUE' : `subjectAltName=DNS:${host}`;
      const output = ['-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '90'];
      daemons.run('openssl', 'req', '-x509', ...EC, '-subj', `/CN=${host}`, '-addext', extension, ...output);
    },
    issue(name: string, by: string, host: string, { from = -1, to = 60, authority = false } = {}) {
      daemons.write(`${name}.ext`, authority ? AUTHORITY : `subjectAltName = DNS:${host}\n`);
      daemons.run('openssl', 'req', ...EC, '-subj', `/CN=${host}`, '-keyout', `${name}.key`, '-out', `${name}.csr`);
      const signer = ['-cert', `${by}.pem`, '-keyfile', `${by}.key`, '-config', 'ca.cnf', '-outdir', '.', '-batch', '-notext'];
      const dates = ['-startdate', at(from), '-enddate', at(to)];
      daemons.run('openssl', 'ca', ...signer, ...dates, '-in', `${name}.csr`, '-out', `${name}.pem`, '-extfile', `${name}.ext`);
    },
  };
}
