/** How what was seen is shown in a detail: one line, short, nothing invisible, nothing secret. */

/** A whole detail; pages cut it further. */
const MAX_DETAIL = 200;
/** One quoted value inside a detail. */
const MAX_QUOTE = 80;
/** What is looked at of a long text: far more than is shown, far less than 1 MiB. */
const MAX_SCANNED = 4_096;
/** Parts of a secret shorter than this are words (`Bearer`, `session`), not secrets. */
const MIN_SECRET_PART = 8;

/** Controls, format characters (zero width, bidirectional, byte order mark), lone surrogates, line and paragraph separators. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

const ESCAPES: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

export interface Show {
  /** From now on these texts, and their parts that look like a secret, are shown as `***`. */
  hide(secret: string): void;
  /** `"…"`, escaped, at most `maxLength` characters inside. */
  quote(text: string, maxLength?: number): string;
  /** A JSON value as it would be written, shortened. */
  value(value: unknown): string;
  /** A finished detail: masked once more, at most 200 characters. */
  detail(text: string): string;
}

/** Shows with a memory of what must not be shown. */
export function createShow(secrets: readonly string[]): Show {
  let hidden: string[] = [];
  const mask = (text: string): string => {
    let masked = text;
    for (const secret of hidden) masked = masked.replaceAll(secret, '***');
    return masked;
  };
  const show: Show = {
    hide(secret) {
      const credentials = credentialsIn(secret);
      if (credentials !== '') show.hide(credentials);
      const parts = secret.split(/[\s"'&=:,;{}]+/).filter((part) => part.length >= MIN_SECRET_PART);
      // Longest first: a secret that contains another one must not leave its rest.
      hidden = [...hidden, secret, ...parts].filter((text) => text !== '').sort((a, b) => b.length - a.length);
    },
    quote: (text, maxLength = MAX_QUOTE) => `"${shorten(makeVisible(mask(text.slice(0, MAX_SCANNED)), '"'), maxLength)}"`,
    value(value) {
      if (typeof value === 'string') return show.quote(value);
      return shorten(makeVisible(mask(toJson(value).slice(0, MAX_SCANNED))), MAX_QUOTE);
    },
    detail: (text) => shorten(makeVisible(mask(text)), MAX_DETAIL),
  };
  for (const secret of secrets) show.hide(secret);
  return show;
}

/** What a header of basic authentication says in base64 (RFC 7617 2): whoever reads it may repeat it as it was. */
function credentialsIn(text: string): string {
  const [, packed = ''] = /^basic +([\w+/]+=*)$/i.exec(text) ?? [];
  return Buffer.from(packed, 'base64').toString();
}

/** The first line of a body that says something to people: tags are left out, and a heading that only repeats the status. */
export function firstLine(body: string, status: number): string {
  const lines = body
    .slice(0, MAX_SCANNED)
    .replace(/<(style|script|title)\b[^<]*/gi, '')
    .replace(/<[^<>]*>/g, '\n')
    .split(/[\r\n]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return lines.find((line) => !line.startsWith(`${status} `)) ?? lines[0] ?? '';
}

function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function makeVisible(text: string, quote = ''): string {
  const visible = text.replace(INVISIBLE, (c) => ESCAPES[c] ?? `\\u${c.codePointAt(0)?.toString(16).padStart(4, '0')}`);
  return quote === '' ? visible : visible.replaceAll(quote, `\\${quote}`);
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'missing';
  } catch {
    // Nested deeper than the stack: thousands of levels, which no person would read.
    return Array.isArray(value) ? '[[…' : '{…';
  }
}
