import { z } from 'zod';
import { SEVERITIES } from '../core/cell.ts';
import { DEFAULTS } from './defaults.ts';
import {
  address,
  duration,
  flag,
  host,
  hostName,
  id,
  integer,
  jmesPath,
  number,
  oneOf,
  oneOrMany,
  port,
  positive,
  regex,
  secretText,
  text,
  url,
} from './leaves.ts';
import { answerTime, certificateLeft, mapping, optional, otherwise, required } from './objects.ts';
import { refined, saying } from './rules.ts';

/** A majority, or a number of vantages. */
export const quorum = z.union([z.literal('majority'), integer('quorum-whole', 1, 100)], {
  error: saying('{} is not a quorum', 'write majority, or a number that is at least a majority'),
});

/** Keys that every check has, whatever its kind; each wins over `defaults`. */
export const common = {
  interval: optional(positive('5m'), 'Cadence of this check: a multiple of the top interval.', otherwise('the top `interval`')),
  downFor: optional(duration('5s'), 'The down votes of a quorum must span at least this.', otherwise('`defaults.downFor`')),
  recover: optional(
    integer('recover', 1, 100),
    'Consecutive healthy quorums before `down` is over.',
    otherwise('`defaults.recover`'),
  ),
  vantages: optional(
    z.array(id(), { error: saying('{} is not a list', 'write a list of vantages, like [eu-west-1]') }),
    'Which vantages look.',
    otherwise('all'),
  ),
  quorum: optional(
    quorum,
    'How many of its vantages must agree.',
    otherwise('the top `quorum`; with own `vantages` their majority'),
  ),
  severity: optional(
    oneOf(SEVERITIES),
    'How bad a failure is: `critical` goes to `tiers`, or `quiet` if all is still served; `warning` to `quiet`; `info` shows on the page alone.',
    DEFAULTS.check.severity,
  ),
};

/** Keys of checks that a vantage runs itself, in attempts. */
export const probed = {
  ...common,
  timeout: optional(positive('4s'), 'Longest time of one attempt.', otherwise('`defaults.timeout`')),
  attempts: optional(
    integer('attempts', 1, 10),
    'How often a failing check is tried within one run.',
    otherwise('`defaults.attempts`'),
  ),
};

const tls = mapping('Tls', 'How TLS is spoken.', {
  ca: optional(
    secretText('a certificate in PEM'),
    'Certificate authorities that are trusted instead of the well-known ones, in PEM.',
  ),
  cert: optional(secretText('a certificate in PEM'), 'Client certificate chain in PEM.'),
  key: optional(secretText('{ ssm: /path }'), 'Private key of the client certificate in PEM.'),
  servername: optional(hostName('api.example.org'), 'Name sent as SNI and demanded of the certificate.', otherwise('the host')),
});

const proxy = mapping(
  'Proxy',
  'An HTTP proxy that is asked for a tunnel (CONNECT). It resolves the name of the node, unless `resolve` pins an address.',
  {
    url: required(url('http://proxy.example.org:3128', ['http:']), 'Where the proxy is: a scheme, a host and a port.'),
    authorization: optional(secretText('text like Basic dXNlcjpwYXNz'), 'Credentials, sent as `Proxy-Authorization`.'),
  },
);

/** Keys of checks that open a connection. */
export const connected = {
  ...probed,
  allowPrivate: optional(
    flag(),
    'May DNS answers and redirects lead to private, loopback and link-local addresses?',
    DEFAULTS.check.allowPrivate,
  ),
  ipVersion: optional(
    z.union([z.literal(4), z.literal(6), z.literal('both')], { error: saying('{} is not an IP version', 'write 4, 6 or both') }),
    'Which IP version is used; `both` makes two checks.',
    otherwise('whichever answers'),
  ),
  resolve: optional(address(), 'Address that is connected to, while SNI and Host stay: a member behind its shared name.'),
  proxy: optional(proxy, 'A proxy that is connected to instead. While it cannot be reached, the vantage abstains.'),
};

export const connectedTls = { ...connected, tls: optional(tls, 'Own authorities, client certificate, server name.') };

const HTTP_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9112 6 and 9110 7.6.1: these frame the message or belong to the connection; the client sets them. */
const FRAMING = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
]);

const headerName = refined(
  refined(
    text('write a name like authorization'),
    'header-name',
    (name) => HTTP_TOKEN.test(name),
    '{} is not the name of a header',
    'write a name like authorization',
  ),
  'header-framing',
  (name) => !FRAMING.has(name.toLowerCase()),
  '{} is set by the client itself',
  'remove it',
);

const headerValue = refined(
  secretText('text'),
  'header-value',
  (value) => typeof value !== 'string' || !/[\r\n\0]/.test(value),
  'the header has more than one line',
  'write one line',
);

export const headers = optional(z.record(headerName, headerValue), 'Request headers.', otherwise('none'));

export const http2 = optional(
  flag(),
  'Is HTTP/2 spoken, over TLS, and nothing else good enough? (`false`: HTTP/1.1 is spoken.)',
  DEFAULTS.http.http2,
);

/** A path below the node's URL. */
export const path = (description: string, fallback?: string) =>
  optional(
    refined(
      text('write a path like /health'),
      'url-path',
      (value) => /^\/[^\s#]*$/.test(value),
      '{} is not a path',
      'write a path like /health',
    ),
    description,
    fallback,
  );

const STATUS_CLASS = /^[1-5]xx$/;
const STATUS_INSTEAD = 'write 200, [200, 204] or 2xx';
const status = refined(
  z.union([z.number(), z.string()], { error: saying('{} is not a status', STATUS_INSTEAD) }),
  'status',
  (value) => (typeof value === 'string' ? STATUS_CLASS.test(value) : Number.isInteger(value) && value >= 100 && value <= 599),
  '{} is not a status',
  STATUS_INSTEAD,
);

const words = (what: string) =>
  oneOrMany(
    refined(text(`write ${what}`), 'text-part-empty', (value) => value !== '', '{} is empty', `write ${what}`),
    'is neither text nor a list of texts',
    `write ${what}`,
  );

export const bodyExpect = mapping('BodyExpect', 'What a text must say.', {
  contains: optional(words('text that must be there'), 'Text, or a list of texts, that must be there.'),
  notContains: optional(words('text that must not be there'), 'Text, or a list of texts, that must not be there.'),
  matches: optional(regex(), 'Regular expression (RE2) that must match somewhere.'),
});

const OPERATORS = ['equals', 'not', 'lessThan', 'greaterThan', 'matches', 'exists'] as const;

const jsonExpect = refined(
  mapping('JsonExpect', 'What a value of a JSON answer must be.', {
    path: required(jmesPath(), 'JMESPath expression.'),
    equals: optional(z.unknown(), 'The value is this.'),
    not: optional(z.unknown(), 'The value is not this.'),
    lessThan: optional(number(), 'The value is a number below this.'),
    greaterThan: optional(number(), 'The value is a number above this.'),
    matches: optional(regex(), 'The value is text that this regular expression (RE2) matches.'),
    exists: optional(flag(), 'The value is there and not null (`false`: is not).'),
  }),
  'json-nothing-expected',
  (value) => OPERATORS.some((operator) => value[operator] !== undefined),
  'nothing is expected of the value',
  'write equals, not, lessThan, greaterThan, matches or exists',
);

export const json = optional(
  z.array(jsonExpect, { error: saying('{} is not a list', 'write a list like [{ path: chain_id, equals: abc }]') }),
  'Expectations of a JSON body.',
);

export const time = optional(answerTime, 'Limits of the time of an answer.');
export const certificate = optional(certificateLeft, 'Limits of the time that the certificate has left.');

export const http = mapping('HttpCheck', 'Asks for a page and judges the answer.', {
  type: required(z.literal('http'), 'Kind of check.'),
  url: optional(url('https://eu1.example.org'), 'Where to ask.', otherwise("the node's `url`")),
  path: path('Path below the URL.'),
  method: optional(oneOf(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']), 'Request method.', DEFAULTS.http.method),
  headers,
  body: optional(secretText('text'), 'Request body.'),
  redirects: optional(
    integer('redirects', 0, 10),
    'How many redirects are followed; 0: the redirect itself is judged.',
    DEFAULTS.http.redirects,
  ),
  http2,
  ...connectedTls,
  expect: optional(
    mapping('HttpExpect', 'What the answer must be.', {
      status: optional(
        oneOrMany(status, 'is not a status', STATUS_INSTEAD),
        '`200`, `[200, 204]` or `2xx`.',
        DEFAULTS.http.status,
      ),
      body: optional(bodyExpect, 'What the body must say.'),
      json,
      time,
      certificate,
    }),
    'What the answer must be.',
  ),
});

export const tcp = mapping('TcpCheck', 'Connects, may send something, and may expect a banner.', {
  type: required(z.literal('tcp'), 'Kind of check.'),
  host: optional(host('p2p.example.org'), 'Where to connect.', otherwise("the node's `host`, or the host of its `url`")),
  port: required(port(), 'Where to connect.'),
  send: optional(text('write what to send'), 'Sent once connected.'),
  ...connected,
  expect: optional(
    mapping('TcpExpect', 'What the server must do.', {
      banner: optional(regex(), 'Regular expression (RE2) that what the server says first must match.'),
      time,
    }),
    'What the server must do.',
  ),
});
