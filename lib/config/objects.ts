import { z } from 'zod';
import { durationMs } from './durations.ts';
import { integer, positive } from './leaves.ts';
import { refined } from './rules.ts';

/** What holds when a key is left out and no value of its own could say it. */
export const otherwise = (words: string) => ({ otherwise: words });

/** A key that may be left out, with what people read about it, and its default. */
export const optional = <S extends z.ZodType>(schema: S, description: string, fallback?: Fallback) =>
  schema
    .optional()
    .meta({ description, ...(typeof fallback === 'object' ? fallback : fallback === undefined ? {} : { default: fallback }) });

type Fallback = string | number | boolean | ReturnType<typeof otherwise>;

/** A key that must be there. */
export const required = <S extends z.ZodType>(schema: S, description: string): S => schema.meta({ description });

/** A mapping with known keys: `title` is its name in the JSON Schema, in `docs/config.md` and in `pending.ts`. */
export const mapping = <const S extends z.ZodRawShape>(title: string, description: string, shape: S) =>
  z.strictObject(shape).meta({ id: title, description });

interface Limits<T> {
  degraded?: T | undefined;
  down?: T | undefined;
}

/** The two sorts of limits: more is worse (`time`), or less is worse (`certificate`). */
const ORDER = {
  rising: {
    right: (degraded: number, down: number) => degraded < down,
    what: 'degraded is not below down',
    instead: 'write a degraded that is below down',
  },
  falling: {
    right: (degraded: number, down: number) => degraded > down,
    what: 'degraded is not above down',
    instead: 'write a degraded that is above down',
  },
} as const;

function limits<S extends z.ZodObject>(schema: S, order: keyof typeof ORDER, amount: (value: unknown) => number): S {
  const some = refined(
    schema,
    'limits-empty',
    (value) => Object.values(value as Limits<unknown>).some((limit) => limit !== undefined),
    'no limit is set',
    'write degraded, down or both',
  );
  return refined(
    some,
    `limits-${order}`,
    (value) => {
      const { degraded, down } = value as Limits<unknown>;
      return degraded === undefined || down === undefined || ORDER[order].right(amount(degraded), amount(down));
    },
    ORDER[order].what,
    ORDER[order].instead,
  );
}

/** Longer is worse: the time of an answer, the age of a head. */
const longest = (title: string, description: string, degraded: string, down: string) =>
  limits(
    mapping(title, description, {
      degraded: optional(positive(degraded), 'From this on the vote is `degraded`.'),
      down: optional(positive(down), 'From this on the vote is `down`.'),
    }),
    'rising',
    (value) => durationMs(String(value)),
  );

/** Limits of the time that an answer takes. */
export const answerTime = longest('TimeLimits', 'Limits of the time until the answer is complete.', '800ms', '3s');

/** Limits of the age of a chain's head. */
export const headAge = longest('AgeLimits', 'Limits of the age of the newest block.', '10s', '60s');

/** Less is worse: time that a certificate has left. */
export const certificateLeft = limits(
  mapping('CertificateLimits', 'Limits of the time until the certificate expires.', {
    degraded: optional(positive('14d'), 'With less time left the vote is `degraded`.'),
    down: optional(positive('2d'), 'With less time left the vote is `down`.'),
  }),
  'falling',
  (value) => durationMs(String(value)),
);

/** More is worse: blocks behind, blocks missed. */
export const most = (title: string, description: string) =>
  limits(
    mapping(title, description, {
      degraded: optional(integer('count', 1, 1_000_000_000), 'From this on the vote is `degraded`.'),
      down: optional(integer('count', 1, 1_000_000_000), 'From this on the vote is `down`.'),
    }),
    'rising',
    Number,
  );

/** Less is worse: peers, participation. */
export const fewest = (title: string, description: string) =>
  limits(
    mapping(title, description, {
      degraded: optional(integer('count', 1, 1_000_000_000), 'Below this the vote is `degraded`.'),
      down: optional(integer('count', 1, 1_000_000_000), 'Below this the vote is `down`.'),
    }),
    'falling',
    Number,
  );
