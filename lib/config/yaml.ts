import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  type Pair,
  parseAllDocuments,
} from 'yaml';
import type { Path, Problem } from './faults.ts';
import { pathText } from './faults.ts';
import type { Source } from './source.ts';

/** Aliases may stand for so many values in all: a few lines of nested aliases would otherwise fill the memory. */
const ALIASED_MAX = 50_000;

/** Nothing in the grammar is nested nearly so deeply, but an expected JSON value may be. */
const DEPTH_MAX = 100;
const TOO_DEEP = 'values are nested too deeply';
const LESS_DEEP = `write at most ${DEPTH_MAX} levels`;

/** Reads YAML 1.2, and JSON, which is YAML. What cannot be read is said with its line. */
export function readYaml(file: string, text: string): Source | { problems: Problem[]; lines: Map<string, number> } {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter, prettyErrors: false, strict: true, uniqueKeys: true });
  const lines = new Map<string, number>();
  const lineAt = (offset: number): number => counter.linePos(offset).line;
  if (!Array.isArray(documents) || documents.length === 0)
    return unreadable(1, 'the file is empty', 'begin with the output of quorumwatch init');
  const [document, second] = documents;
  if (document === undefined) return unreadable(1, 'the file is empty', 'begin with the output of quorumwatch init');
  const error = documents.flatMap((each) => each.errors)[0];
  if (error?.code === 'RESOURCE_EXHAUSTION') return unreadable(lineAt(error.pos[0]), TOO_DEEP, LESS_DEEP);
  if (error?.code === 'DUPLICATE_KEY') return unreadable(lineAt(error.pos[0]), 'the key stands there twice', 'remove one');
  if (error !== undefined)
    return unreadable(lineAt(error.pos[0]), `this is not YAML: ${syntaxWords(error.message)}`, 'write YAML 1.2');
  if (second !== undefined)
    return unreadable(lineAt(second.range?.[0] ?? 0), 'a second document begins', 'write one document a file, without ---');

  const problems: Problem[] = [];
  const data = plain(document, { lines, lineAt, problems });
  if (data === null && problems.length === 0)
    return unreadable(1, 'the file is empty', 'begin with the output of quorumwatch init');
  return problems.length > 0 ? { problems, lines } : { file, data, lines };
}

function unreadable(line: number, what: string, instead: string): { problems: Problem[]; lines: Map<string, number> } {
  return { problems: [{ path: [], what: `line ${line}: ${what}`, instead }], lines: new Map() };
}

/** The parser's words without the position it repeats. */
const syntaxWords = (message: string): string => message.replace(/ at line \d+.*/s, '').replace(/[.:]\s*$/, '');

interface Reading {
  lines: Map<string, number>;
  lineAt: (offset: number) => number;
  problems: Problem[];
}

/** The document as plain data: aliases are followed, every value's line is noted, keys must be text. */
function plain(document: Document, { lines, lineAt, problems }: Reading): unknown {
  let aliases = 0;
  let values = 0;
  const problem = (path: Path, what: string, instead: string): undefined => {
    problems.push({ path, what, instead });
  };

  const read = (node: unknown, path: Path, above: readonly unknown[]): unknown => {
    if (aliases > 0 && ++values > ALIASED_MAX)
      return values === ALIASED_MAX + 1
        ? problem(path.slice(0, 1), 'aliases make the file too large', 'write fewer aliases')
        : undefined;
    if (above.length > DEPTH_MAX) return problem(path.slice(0, 3), TOO_DEEP, LESS_DEEP);
    if (isAlias(node)) return aliased(node, path, above);
    if (isMap(node)) return Object.fromEntries(node.items.flatMap((pair) => entry(pair, path, [...above, node])));
    if (isSeq(node)) return node.items.map((item, at) => valueAt(item, [...path, at], [...above, node]));
    return isScalar(node) ? node.value : null;
  };

  const aliased = (alias: Alias, path: Path, above: readonly unknown[]): unknown => {
    const target = alias.resolve(document);
    if (target === undefined)
      return problem(path, `the alias *${alias.source} stands for nothing`, `write &${alias.source} before a value above`);
    if (above.includes(target)) return problem(path, `the alias *${alias.source} contains itself`, 'write the value out');
    aliases++;
    const value = read(target, path, above);
    aliases--;
    return value;
  };

  const valueAt = (node: unknown, path: Path, above: readonly unknown[]): unknown => {
    const offset = (node as Node | null)?.range?.[0];
    const key = pathText(path);
    if (offset !== undefined && !lines.has(key)) lines.set(key, lineAt(offset));
    return read(node, path, above);
  };

  const entry = ({ key, value }: Pair, path: Path, above: readonly unknown[]): [string, unknown][] => {
    const offset = (key as Node).range?.[0] ?? 0;
    if (!isScalar(key)) {
      lines.set(pathText(path), lineAt(offset));
      problem(path, 'a key is a list or a mapping', 'write text');
      return [];
    }
    if (typeof key.value !== 'string') {
      const name = String(key.value);
      lines.set(pathText([...path, name]), lineAt(offset));
      problem([...path, name], `the key ${name} is not text`, `write "${name}"`);
      return [];
    }
    const inner = [...path, key.value];
    if (!lines.has(pathText(inner))) lines.set(pathText(inner), lineAt(offset));
    return [[key.value, valueAt(value, inner, above)]];
  };

  return read(document.contents, [], []);
}
