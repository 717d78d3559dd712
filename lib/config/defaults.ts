/** Every default of the configuration, in its own grammar. The schema shows them, `resolve.ts` fills them in, `docs/config.md` is made from them. */
export const DEFAULTS = {
  version: 1,
  interval: '30s',
  quorum: 'majority',
  allowFewVantages: false,
  check: {
    timeout: '4s',
    attempts: 2,
    downFor: '5s',
    recover: 2,
    severity: 'critical',
    allowPrivate: false,
  },
  http: { method: 'GET', redirects: 3, status: '2xx', http2: false },
  /** IANA's service names: submission, imap, postgresql. */
  tls: { port: 443, starttls: { smtp: 587, imap: 143, postgres: 5432 } },
  dns: { record: 'A', port: 53 },
  /** RFC 9110 4.2.1: where an `http` URL names no port. */
  proxy: { port: 80 },
  /** Pages that three companies keep for telling whether a network has a way out; used on AWS alone. */
  canaries: [
    'https://connectivitycheck.gstatic.com/generate_204',
    'https://captive.apple.com/hotspot-detect.html',
    'https://www.msftconnecttest.com/connecttest.txt',
  ],
  record: { type: 'A', ttl: '30s', policy: 'failover', weight: 1, fence: 'none', fenceTimeout: '1m', evaluateTargetHealth: true },
  guard: { minInService: 1, maxOut: '50%', hold: '3m', failback: 'auto', mode: 'act' },
  paging: { timezone: 'UTC', after: '0s', repeat: '10m', ackLapses: '4h' },
  heartbeat: { grace: '5m' },
} as const;
