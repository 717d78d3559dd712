import { ProbeFailure } from './failure.ts';

/** What no field value holds (RFC 9110 5.5): it would end the header, and what is behind it would be another one. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
const FORBIDDEN = /[\u0000-\u0008\u000a-\u001f\u007f]/;

/**
 * A secret as the value of a header, without the line break that files end with. Throws `ProbeFailure` `secret` for what is none:
 * that is no word about the node.
 */
export function headerValue(name: string, text: string): string {
  const value = text.trim();
  if (FORBIDDEN.test(value)) throw new ProbeFailure('secret', `${name}: its value has a line break or another control character`);
  return value;
}
