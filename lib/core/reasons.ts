/**
 * Every reason code of a vote, with what it means for people. `docs/reasons.md` is made from this table and tested to be current.
 * A vote without a reason does not exist.
 */
export const REASONS = {
  // up
  ok: 'Every expectation was met.',
  // degraded or down, by threshold
  slow: 'The answer came later than `expect.time` allows.',
  'certificate-expires': 'The certificate expires sooner than `expect.certificate` allows.',
  // down: never got an answer
  'dns-failed': 'The name could not be resolved.',
  'address-refused': 'The name led to a private, loopback, link-local or metadata address that the configuration does not allow.',
  'connect-refused': 'The port refused the connection.',
  'connect-failed': 'The connection could not be made (unreachable network or host, reset while connecting).',
  'connect-timeout': 'The connection was not made within the timeout.',
  'tls-failed': 'The TLS handshake failed.',
  'certificate-invalid': 'The certificate does not hold: expired, not yet valid, wrong host, or not trusted.',
  'tls-timeout': 'The TLS handshake did not finish within the timeout.',
  'closed-early': 'The server closed the connection before the answer was complete.',
  'answer-timeout': 'The connection stood, but the answer was not complete within the timeout.',
  // down: got an answer, and it is wrong
  'protocol-error': 'The answer is not valid for its protocol.',
  'headers-too-large': 'The headers are larger than a probe reads.',
  'body-too-large': 'The body is larger than 1 MiB after decompression.',
  status: 'The HTTP status is not an expected one.',
  'body-mismatch': 'The body lacks what it must contain, or does not match.',
  'body-forbidden': 'The body contains what it must not contain.',
  'json-invalid': 'The body is not JSON.',
  'json-mismatch': 'A JSON expectation is not met.',
  'redirect-refused': 'A redirect leads to another host or to an address that is not allowed; it was not followed.',
  'redirect-limit': 'There were more redirects than the check follows.',
  'redirect-method': 'A 301, 302 or 303 answered a request with a body: following it would drop method and body.',
  'banner-mismatch': 'What the server said first is not the expected banner.',
  'banner-missing': 'The server accepted the connection and closed it, or stayed silent, before its banner.',
  // abstain: the vantage cannot say
  late: 'The round began later than half an interval after its due time.',
  clock: "The vantage's clock is more than 5 s off the table's.",
  unfinished: 'The run ended before this check was done.',
  canaries: 'The vantage cannot reach well-known names: its own link is down.',
  secret: 'A secret that the check needs could not be read.',
  internal: 'The probe itself failed: a fault of the monitor, not of the node.',
  // abstain: nothing was heard (given by the reader of a ballot, never cast)
  missing: 'The vantage has cast no ballot that speaks of this check.',
  stale: 'The vote is too old to count.',
  skew: 'The vantage runs another configuration: it answers another question.',
  unreadable: 'The ballot could not be read.',
} as const;

export type ReasonCode = keyof typeof REASONS;
