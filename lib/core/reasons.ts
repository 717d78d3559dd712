const UP = {
  ok: 'Every expectation was met.',
  'beat-awaited': 'No heartbeat has come yet since the check is configured, and none is late.',
} as const;

const BY_THRESHOLD = {
  slow: 'The answer came later than `expect.time` allows.',
  'certificate-expires': 'The certificate expires sooner than `expect.certificate` allows.',
  'head-age': 'The newest block is older than `expect.headAge` allows.',
  behind: 'The node is more blocks behind the other nodes of its chain than `expect.blocksBehind` allows.',
  'irreversible-lag': 'More blocks than `expect.irreversibleLag` allows lie between the head and the last irreversible block.',
  peers: 'The node has fewer peers than `expect.peers` allows.',
  participation: 'Fewer producers take part than `expect.participation` allows.',
  missed: 'The producer missed more blocks since the round before than `expect.missed` allows.',
  syncing: 'The node says itself that it is still syncing.',
  'chain-halted': 'The newest block is too old, and no other node of this chain has a newer one: it is the chain, not the node.',
} as const;

const NO_ANSWER = {
  'dns-failed': 'The name could not be resolved.',
  'dns-timeout': 'Nobody said within the timeout what the name leads to.',
  'address-refused': 'The name led to a private, loopback, link-local or metadata address that the configuration does not allow.',
  'connect-refused': 'The port refused the connection.',
  'connect-failed': 'The connection could not be made (unreachable network or host, reset while connecting).',
  'connect-timeout': 'The connection was not made within the timeout.',
  'tls-failed': 'The TLS handshake failed.',
  'tls-refused': 'The server was asked for TLS (STARTTLS) and does not offer it.',
  'tls-version': 'The server speaks no version of TLS that is new enough.',
  'certificate-expired': 'A certificate of the chain has expired; the detail says which.',
  'certificate-not-yet-valid': 'A certificate of the chain is not valid yet; the detail says which.',
  'certificate-wrong-host': 'The certificate is for other names than the host.',
  'certificate-self-signed': 'The certificate is signed by itself, and it is not among the trusted ones.',
  'certificate-untrusted': 'The chain ends at an authority that is not trusted.',
  'certificate-incomplete':
    'The server sent its own certificate alone, and who issued it is not known: the intermediate is missing, or the authority is not trusted.',
  'certificate-invalid': 'The certificate does not hold for another reason: revoked, wrong purpose, bad signature.',
  'tls-timeout': 'The TLS handshake did not finish within the timeout.',
  'tls-closed': 'The server closed the connection during the TLS handshake.',
  'closed-early': 'The server closed the connection before the answer was complete.',
  'answer-timeout': 'The connection stood, but no answer came, or not the whole head of it, within the timeout.',
  'body-timeout': 'The head of an answer came, but its body was not complete within the timeout.',
} as const;

const WRONG_ANSWER = {
  'protocol-error': 'The answer is not valid for its protocol.',
  'http-version': 'The server does not speak HTTP/2, as `http2` demands.',
  'headers-too-large': 'The headers are larger than 16 KiB, or more than 256.',
  'interim-answers': 'More than 16 interim answers (HTTP 1xx) came, and no answer.',
  'body-length': 'What the answer says of the length of its body contradicts itself, or is no length.',
  'body-encoding': 'The body is not compressed as `Content-Encoding` says, or in more than two layers.',
  'body-too-large':
    'The body, or all messages together, are larger than 1 MiB after decompression; or there are more than 1,000 messages.',
  'answer-too-large': 'The DNS answer is larger than 8 KiB.',
  'dns-invalid':
    'The DNS answer cannot be read: cut off, with pointers that lead nowhere or in circles, or with records that are none.',
  status: 'The HTTP status is not an expected one.',
  'body-mismatch': 'The body, or the last message, lacks what it must contain, or does not match.',
  'body-forbidden': 'The body, or the last message, contains what it must not contain.',
  'json-invalid': 'The body, or the last message, is not JSON.',
  'json-too-deep': 'The JSON is nested more than 256 levels deep.',
  'json-mismatch': 'A JSON expectation is not met.',
  'utf8-invalid': 'JSON or a WebSocket message is not UTF-8, as it must be.',
  'rpc-error': 'The JSON-RPC call was answered with an error; the detail has its code and message.',
  'chain-id': 'The node is on another chain than `expect.chainId`.',
  'chain-data': 'What the node says of its chain is missing or makes no sense; the detail names the field.',
  'redirect-refused': 'A redirect leads to another host or to an address that is not allowed; it was not followed.',
  'redirect-limit': 'There were more redirects than the check follows.',
  'redirect-method':
    'A 301, 302 or 303 answered a request other than GET and HEAD: following it would make it a GET and drop its body.',
  'dns-error': 'The name server answered with an error (NXDOMAIN, SERVFAIL, REFUSED, …).',
  'dns-mismatch': 'The answer does not hold exactly the expected values.',
  'dns-empty': 'The answer holds no record of the type that was asked for.',
  'dns-not-authoritative': 'The answer is not authoritative, as `expect.authoritative` demands.',
  'not-growing': 'The number that must grow between two messages did not.',
  'message-missing': 'No message that could be judged came before the connection closed or the time was up.',
  'banner-mismatch': 'What the server said first is not the expected banner.',
  'banner-missing': 'The server accepted the connection and closed it, or stayed silent, before its banner.',
} as const;

const NO_BEAT = {
  'beat-missing': 'The last heartbeat is older than `every` or `cron`, and `grace`, allow.',
  'beat-never': 'No heartbeat has come since the check is configured, and one is late.',
  'beat-stuck': 'It said that it began, and not in time that it ended.',
  'beat-failed': 'It said that it failed; the detail has its exit code and message.',
} as const;

const CANNOT_SAY = {
  late: 'The round began later than half an interval after its due time.',
  clock: "The vantage's clock is more than 5 s off the table's.",
  unfinished: 'The run ended before this check was done.',
  canaries: 'The vantage cannot reach well-known names: its own link is down.',
  proxy: "The check's proxy could not be reached, or refused the tunnel: its fault, not the node's.",
  secret: 'A secret that the check needs could not be read or used.',
  'beat-unreadable': 'The heartbeat could not be read from the table.',
  internal: 'The probe itself failed: a fault of the monitor, not of the node.',
} as const;

const NOT_HEARD = {
  missing: 'The vantage has cast no ballot that speaks of this check.',
  stale: 'The vote is too old to count.',
  skew: 'The vantage runs another configuration: it answers another question.',
  unreadable: 'The ballot could not be read.',
} as const;

/** Every reason code of a vote, with what it means for people. A vote without a reason does not exist. */
export const REASONS = {
  ...UP,
  ...BY_THRESHOLD,
  ...NO_ANSWER,
  ...WRONG_ANSWER,
  ...NO_BEAT,
  ...CANNOT_SAY,
  ...NOT_HEARD,
} as const;

export type ReasonCode = keyof typeof REASONS;

/** The reasons by the vote that they explain: the chapters of `docs/reasons.md`. */
export const REASON_GROUPS: readonly { title: string; reasons: Readonly<Record<string, string>> }[] = [
  { title: '`up`', reasons: UP },
  { title: '`degraded` or `down`, by threshold', reasons: BY_THRESHOLD },
  { title: '`down`: there was no answer', reasons: NO_ANSWER },
  { title: '`down`: there was an answer, and it is wrong', reasons: WRONG_ANSWER },
  { title: '`down`: a heartbeat', reasons: NO_BEAT },
  { title: '`abstain`: the vantage cannot say', reasons: CANNOT_SAY },
  { title: '`abstain`: nothing was heard (said by whoever reads a ballot, never cast)', reasons: NOT_HEARD },
];
