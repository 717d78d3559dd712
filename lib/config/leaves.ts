import { isIP } from 'node:net';
import { search } from '@aws-lambda-powertools/jmespath';
import { RE2JS } from 're2js';
import { z } from 'zod';
import { CRON_INSTEAD, isCron } from './cron.ts';
import { DURATION, durationMs } from './durations.ts';
import { choices } from './faults.ts';
import { refined, saying } from './rules.ts';

/** The values that the grammar is made of. Each says in its own words what is wrong and what to write instead. */

const TEXT = 'is not text';

export const text = (instead: string) => z.string({ error: saying(`{} ${TEXT}`, instead) });

const notEmpty = (instead: string) =>
  refined(text(instead), 'text-empty', (value) => value.trim() !== '', '{} is empty', instead);

/** Free text of one line. */
export const line = (instead: string) =>
  refined(notEmpty(instead), 'text-one-line', (value) => !/[\r\n\0]/.test(value), '{} has more than one line', instead);

const ID_INSTEAD = 'write lower-case letters, digits and hyphens, at most 63, like eu1';
export const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Names that people give: of nodes, checks, templates, records, hooks, silences, vantages. They become parts of keys, URLs and metrics. */
export const id = () =>
  refined(text(ID_INSTEAD), 'id', (value) => ID.test(value), '{} is not an id', ID_INSTEAD).meta({ pattern: ID.source });

export const duration = (example: string) => {
  const instead = `write a whole number and ms, s, m, h or d, like ${example}`;
  return refined(text(instead), 'duration', (value) => DURATION.test(value), '{} is not a duration', instead).meta({
    pattern: DURATION.source,
  });
};

/** A duration that is not zero. */
export const positive = (example: string) =>
  refined(
    duration(example),
    'duration-zero',
    (value) => durationMs(value) > 0,
    '{} is no time at all',
    `write a duration like ${example}`,
  );

/** A duration between two others, both included. */
export const within = (rule: string, from: string, to: string, example: string) =>
  refined(
    duration(example),
    rule,
    (value) => durationMs(value) >= durationMs(from) && durationMs(value) <= durationMs(to),
    `{} is not between ${from} and ${to}`,
    `write a duration like ${example}`,
  );

export const integer = (rule: string, from: number, to: number) => {
  const instead = `write a whole number from ${from} to ${to}`;
  const whole = refined(
    z.number({ error: saying('{} is not a number', instead) }),
    'integer',
    Number.isInteger,
    '{} is not a whole number',
    instead,
  );
  return refined(whole, rule, (value) => value >= from && value <= to, `{} is not from ${from} to ${to}`, instead).meta({
    type: 'integer',
    minimum: from,
    maximum: to,
  });
};

export const number = () => z.number({ error: saying('{} is not a number', 'write a number') });

export const flag = () => z.boolean({ error: saying('{} is neither true nor false', 'write true or false') });

export const oneOf = <const T extends readonly [string, ...string[]]>(words: T) =>
  z.enum(words, { error: saying('{} is not one of the choices', `write ${choices(words)}`) });

const isUrl = (value: string, protocols: readonly string[]): boolean => {
  const url = URL.parse(value);
  return url !== null && protocols.includes(url.protocol) && url.hostname !== '' && !/\s/.test(value);
};

/** An absolute URL without user, password or fragment: what a probe or a hook can ask for. */
export const url = (example: string, protocols: readonly string[] = ['http:', 'https:']) => {
  const instead = `write ${example}`;
  const absolute = refined(text(instead), 'url', (value) => isUrl(value, protocols), '{} is not a URL', instead);
  const open = refined(
    absolute,
    'url-credentials',
    (value) => URL.parse(value)?.username === '' && URL.parse(value)?.password === '',
    'the URL carries a user name or password',
    'write them as a header of the check, like authorization: { ssm: /path }',
  );
  return refined(
    open,
    'url-fragment',
    (value) => !value.includes('#'),
    '{} has a fragment, which is never sent',
    'remove # and what follows',
  );
};

const HOST_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/i;

/** RFC 1035 2.3.4: labels up to 63 octets, names up to 253 characters without the last dot. */
export const isHostName = (value: string): boolean => {
  const labels = value.replace(/\.$/, '').split('.');
  return (
    value.length <= 254 &&
    labels.every((label) => HOST_LABEL.test(label)) &&
    isIP(value) === 0 &&
    !/^\d+$/.test(labels.at(-1) ?? '')
  );
};

export const hostName = (example: string) =>
  refined(text(`write ${example}`), 'host-name', isHostName, '{} is not a host name', `write ${example}`);

/** A host name or an IP literal. */
export const host = (example: string) =>
  refined(
    text(`write ${example}`),
    'host',
    (value) => isIP(value) !== 0 || isHostName(value),
    '{} is neither a host name nor an address',
    `write ${example}`,
  );

export const address = () =>
  refined(
    text('write an address like 203.0.113.10'),
    'address',
    (value) => isIP(value) !== 0,
    '{} is not an IP address',
    'write an address like 203.0.113.10',
  );

export const port = () => integer('port', 1, 65_535);

/** Whether a library takes it; its complaint repeats the input and is not shown. */
function compiles(compile: () => unknown): boolean {
  try {
    compile();
    return true;
  } catch {
    return false;
  }
}

/** A regular expression in RE2's syntax: no look-around, no back-references, so that matching is linear in time. */
export const regex = () =>
  refined(
    text('write a regular expression like ^SSH-2.0'),
    'regex',
    (value) => compiles(() => RE2JS.compile(value)),
    '{} is not a regular expression of RE2',
    'write one without look-around and back-references, like ^SSH-2.0',
  );

/** Faults of the expression itself; complaints about the data (here: none) do not count. */
function isJmesPath(value: string): boolean {
  try {
    search(value, {});
    return true;
  } catch (error) {
    return error instanceof Error && error.name === 'JMESPathTypeError';
  }
}

export const jmesPath = () =>
  refined(
    text('write a JMESPath expression like chain_id'),
    'jmespath',
    isJmesPath,
    '{} is not a JMESPath expression',
    'write one like chain_id or length(peers)',
  );

export const timezone = () =>
  refined(
    text('write a name of the IANA database like Europe/Berlin'),
    'timezone',
    (value) => compiles(() => new Intl.DateTimeFormat('en', { timeZone: value })),
    '{} is not a time zone',
    'write a name of the IANA database like Europe/Berlin',
  );

export const cron = () => refined(text(CRON_INSTEAD), 'cron', isCron, '{} is not a cron expression of five fields', CRON_INSTEAD);

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?Z$/;

export const instant = () =>
  refined(
    text('write a time like 2026-03-01T02:00Z'),
    'instant',
    (value) => INSTANT.test(value) && !Number.isNaN(Date.parse(value)),
    '{} is not a time in ISO 8601, UTC',
    'write a time like 2026-03-01T02:00Z',
  );

const SSM = /^\/[A-Za-z0-9_./-]+$/;

const parameter = refined(
  text('write { ssm: /path }'),
  'ssm-path',
  (value) => SSM.test(value),
  '{} is not the name of a parameter',
  'write { ssm: /path }',
);

const secretRefs = [
  z.strictObject({ ssm: parameter.meta({ description: 'Name of the parameter.' }) }).meta({
    id: 'ParameterSecret',
    description: 'A secret in the Parameter Store of AWS Systems Manager.',
  }),
  z
    .strictObject({
      secretsManager: notEmpty('write { secretsManager: name }').meta({
        description:
          'Name of the secret in each region that reads it; or an ARN, which is read in its own region from everywhere.',
      }),
    })
    .meta({
      id: 'ManagedSecret',
      description: 'A secret in AWS Secrets Manager.',
    }),
] as const;

/** Text that may be a secret: never echoed, and fetched when it is needed if written as a reference. */
export const secretText = (example: string) =>
  z.union([z.string(), ...secretRefs], {
    error: saying('is neither text nor a reference to a secret', `write ${example}, { ssm: /path } or { secretsManager: name }`),
  });

/** One value or a list of them. */
export const oneOrMany = <S extends z.ZodType>(schema: S, what: string, instead: string) =>
  z.union([schema, z.array(schema)], { error: saying(`{} ${what}`, instead) });
