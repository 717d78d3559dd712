import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseAllDocuments } from 'yaml';
import type { Path, Problem } from './faults.ts';
import { pathText, shown } from './faults.ts';
import type { Source } from './source.ts';

/** Aliases may stand for so many values in all: a few lines of nested aliases would otherwise fill the memory. */
const VALUES_MAX = 200_000;

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
  if (error !== undefined)
    return unreadable(lineAt(error.pos[0]), `this is not YAML: ${syntaxWords(error.code, error.message)}`, 'write YAML 1.2');
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

/** The parser's words without the position it repeats; a doubled key in our own. */
const syntaxWords = (code: string, message: string): string =>
  code === 'DUPLICATE_KEY' ? 'a key stands there twice' : message.replace(/ at line \d+.*/s, '').replace(/[.:]\s*$/, '');

interface Reading {
  lines: Map<string, number>;
  lineAt: (offset: number) => number;
  problems: Problem[];
}

/** The document as plain data: aliases are followed, every value's line is noted, keys must be text. */
function plain(document: Document, { lines, lineAt, problems }: Reading): unknown {
  let values = 0;
  const problem = (path: Path, what: string, instead: string): undefined => {
    problems.push({ path, what, instead });
  };

  const read = (node: unknown, path: Path, above: readonly unknown[]): unknown => {
    if (++values > VALUES_MAX)
      return values === VALUES_MAX + 1 ? problem(path, 'aliases make the file too large', 'write fewer aliases') : undefined;
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined || above.includes(target))
        return problem(path, `the alias *${node.source} contains itself`, 'write the value out');
      return read(target, path, above);
    }
    if (isMap(node)) return Object.fromEntries(node.items.flatMap((pair) => entry(pair, path, [...above, node])));
    if (isSeq(node)) return node.items.map((item, at) => at_(item, [...path, at], [...above, node]));
    return isScalar(node) ? node.value : null;
  };

  const at_ = (node: unknown, path: Path, above: readonly unknown[]): unknown => {
    const offset = (node as Node | null)?.range?.[0];
    const key = pathText(path);
    if (offset !== undefined && !lines.has(key)) lines.set(key, lineAt(offset));
    return read(node, path, above);
  };

  const entry = ({ key, value }: Pair, path: Path, above: readonly unknown[]): [string, unknown][] => {
    const offset = (key as Node).range?.[0] ?? 0;
    if (!isScalar(key) || typeof key.value !== 'string') {
      const name = isScalar(key) ? shown(key.value) : 'a structure';
      lines.set(pathText([...path, name]), lineAt(offset));
      problem([...path, name], `the key ${name} is not text`, isScalar(key) ? `write "${name}"` : 'write text');
      return [];
    }
    const inner = [...path, key.value];
    if (!lines.has(pathText(inner))) lines.set(pathText(inner), lineAt(offset));
    return [[key.value, at_(value, inner, above)]];
  };

  return read(document.contents, [], []);
}
