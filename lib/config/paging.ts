import { z } from 'zod';
import { HOOK_EVENTS } from '../core/hooks.ts';
import { HOOK_FORMATS } from '../core/telling.ts';
import { DEFAULTS } from './defaults.ts';
import { cron, duration, flag, id, instant, line, oneOf, positive, secretText, text, timezone, url } from './leaves.ts';
import { mapping, optional, otherwise, required } from './objects.ts';
import { refined, saying } from './rules.ts';

/** ITU-T E.164: a plus, a country code, at most 15 digits. */
const E164 = /^\+[1-9]\d{6,14}$/;
const EMAIL = /^[^\s@<>,;"]+@[^\s@<>,;"]+\.[^\s@<>,;"]+$/;

/** Hosts of chat services: their webhooks never confirm an SNS subscription. */
const CHAT_HOSTS = [
  'hooks.slack.com',
  'discord.com',
  'discordapp.com',
  'chat.googleapis.com',
  'api.telegram.org',
  'webhook.office.com',
  'logic.azure.com',
  'api.powerplatform.com',
];

function isChat(value: string): boolean {
  const name = URL.parse(value)?.hostname ?? '';
  return CHAT_HOSTS.some((chat) => name === chat || name.endsWith(`.${chat}`));
}

const sms = refined(
  text('write a number like +4915112345678'),
  'sms-e164',
  (value) => E164.test(value),
  '{} is not a number in E.164',
  'write a number like +4915112345678',
);
const email = refined(
  text('write an address like ops@example.org'),
  'email',
  (value) => EMAIL.test(value),
  '{} is not an email address',
  'write an address like ops@example.org',
);
const https = refined(
  url('https://events.example.org/sns', ['https:']),
  'https-chat',
  (value) => !isChat(value),
  'the URL is a chat webhook, which cannot confirm a subscription',
  'write it under hooks, and name the hook in the tier',
);

const list = <S extends z.ZodType>(schema: S, example: string) =>
  z.array(schema, { error: saying('{} is not a list', `write a list like [${example}]`) });

const tier = mapping('Tier', 'Who is told, and when.', {
  after: optional(duration('5m'), 'How long after the incident opened, unless somebody acknowledged.', DEFAULTS.paging.after),
  sms: optional(list(sms, '+4915112345678'), 'Text messages to these numbers.'),
  email: optional(list(email, 'ops@example.org'), 'Mail to these addresses.'),
  https: optional(list(https, 'https://events.example.org/sns'), 'SNS posts to these URLs, which must confirm the subscription.'),
  hooks: optional(list(id(), 'slack'), 'Hooks that are called with `page` and `recovered`.'),
});

export const paging = mapping('Paging', 'How people are told.', {
  regions: optional(
    list(id(), 'eu-west-1, us-east-2'),
    'Two regions that publish: the second when the first fails.',
    otherwise('the first two vantages'),
  ),
  timezone: optional(timezone(), 'Time zone of times in messages.', DEFAULTS.paging.timezone),
  tiers: required(
    refined(
      list(tier, '{ email: [ops@example.org] }'),
      'tiers-empty',
      (tiers) => tiers.length > 0,
      'there is no tier',
      'write at least one, or leave paging out',
    ),
    'Who is told first, next and last.',
  ),
  quiet: optional(
    list(tier, '{ after: 15m, email: [ops@example.org] }'),
    'Who is told of warnings, and of incidents whose records are still served.',
    otherwise('`tiers`'),
  ),
  repeat: optional(positive('10m'), 'How often the last tier is told again.', DEFAULTS.paging.repeat),
  ackLapses: optional(positive('4h'), 'How long an acknowledgement lasts while it is still down.', DEFAULTS.paging.ackLapses),
});

/** `https`, or `http` for a service on one's own machine; or a secret, since chat webhooks carry their key in the path. */
const hookUrl = refined(
  secretText('https://ops.example.org/notify'),
  'hook-url',
  (value) => typeof value !== 'string' || ['http:', 'https:'].includes(URL.parse(value)?.protocol ?? ''),
  'the text is not a URL',
  'write https://ops.example.org/notify, { ssm: /path } or { secretsManager: name }',
);

export const hook = mapping('Hook', 'A request that is made when something happens.', {
  events: required(
    refined(
      list(oneOf(HOOK_EVENTS), 'page, recovered'),
      'hook-events',
      (events) => events.length > 0,
      'the hook waits for no event',
      'write events like [page, recovered]',
    ),
    'What calls it.',
  ),
  nodes: optional(list(id(), 'eu1'), 'Only for these nodes.', otherwise('all')),
  url: required(hookUrl, 'Where to.'),
  secret: optional(secretText('{ ssm: /path }'), 'Key of the signature; of `pagerduty` its integration key.'),
  format: optional(
    oneOf(HOOK_FORMATS),
    'Shape of the request: `json` is ours, see `docs/hooks.md`.',
    otherwise("by the URL's host"),
  ),
});

export const silence = mapping('Silence', 'A time in which nobody is paged.', {
  nodes: optional(list(id(), 'eu1'), 'Only for these nodes.', otherwise('all')),
  cron: optional(cron(), 'When it begins, again and again.'),
  for: optional(positive('1h'), 'How long it lasts, with `cron`.'),
  from: optional(instant(), 'When it begins, once.'),
  until: optional(instant(), 'When it ends, with `from`.'),
  timezone: optional(timezone(), 'Time zone of `cron`.', DEFAULTS.paging.timezone),
});

export const drills = mapping('Drills', 'Fire drills.', {
  cron: required(cron(), 'When a marked drill goes down the whole path.'),
  timezone: optional(timezone(), 'Time zone of `cron`.', DEFAULTS.paging.timezone),
});

export const page = mapping('Page', 'The status page.', {
  title: optional(line('write a title'), 'Its title.', otherwise('`name`')),
  logo: optional(url('https://example.org/logo.svg', ['https:']), 'Its logo.'),
  public: optional(flag(), 'May anybody read it without a token?', false),
});
