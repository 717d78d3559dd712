import { BY_DNS, BY_REDIRECT, IN_IPV6, OTHER_FORMS, REBINDING_NAMES } from './addresses.ts';
import { HTTP2, PROXIES } from './http2.ts';
import { CLOSED, LAYERS, LENGTHS, LOOPS, SMUGGLED, STALLS } from './protocol.ts';
import type { HostileClass } from './row.ts';
import { BOMBS, ENDLESS, HEADERS, INTERIM, SLOW } from './slow-and-large.ts';
import { DEEP, HUGE_DNS, NUL, PATTERNS, UTF8 } from './text.ts';

/** Every class of hostile behaviour, in the order of `docs/hostile.md`. */
export const CORPUS: readonly HostileClass[] = [
  BY_REDIRECT,
  BY_DNS,
  REBINDING_NAMES,
  IN_IPV6,
  OTHER_FORMS,
  SLOW,
  ENDLESS,
  BOMBS,
  HEADERS,
  INTERIM,
  LOOPS,
  CLOSED,
  STALLS,
  LENGTHS,
  SMUGGLED,
  UTF8,
  DEEP,
  PATTERNS,
  NUL,
  HUGE_DNS,
  LAYERS,
  HTTP2,
  PROXIES,
];
