/** Where in a configuration something stands: keys and list positions, from the top. */
export type Path = readonly (string | number)[];

/** Something wrong with a configuration, or worth a warning. `path` is the file's name where no key is to blame. */
export interface Fault {
  path: string;
  /** Absent where the configuration has no lines (TypeScript). */
  line?: number;
  /** May start with the value, never with one that came from the environment or from a secret's key. */
  what: string;
  /** What to write instead. */
  instead: string;
}

/** A fault before its place in the file is known. */
export interface Problem {
  path: Path;
  what: string;
  instead: string;
}

/** `nodes.eu1.url`, `records.api.members[0].value`. */
export const pathText = (path: Path): string =>
  path.map((step, at) => (typeof step === 'number' ? `[${step}]` : at === 0 ? step : `.${step}`)).join('');

/** The one line that people and scripts read: `path: line 3: what is wrong (what to write instead)`. */
export const faultLine = ({ path, line, what, instead }: Fault): string => {
  const where = line === undefined ? '' : `line ${line}: `;
  return oneLine(`${path}: ${where}${what} (${instead})`);
};

const oneLine = (text: string): string => text.replace(/\s*[\r\n]+\s*/g, ' ');

const SHOWN_LENGTH = 60;

/** A value as a fault shows it: quoted, shortened, never a whole structure. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'a mapping';
  if (typeof value !== 'string') return String(value);
  return JSON.stringify(value.length > SHOWN_LENGTH ? `${value.slice(0, SHOWN_LENGTH)}…` : value);
}

/** `a`, `a or b`, `a, b or c`. */
export const choices = (words: readonly (string | number)[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`;
