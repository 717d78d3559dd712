import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const OPERATING = fileURLToPath(new URL('../../docs/operating.md', import.meta.url));

export const operating = (): string => readFileSync(OPERATING, 'utf8');

/** What stands under a heading, up to the next. */
export function sectionOf(markdown: string, heading: string): string {
  const [, section] = markdown.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`there is no heading ${heading}`);
  return section.split('\n## ')[0] ?? '';
}

/** The commands of each of a page's shell blocks, in order, as words; a word in quotes is one. */
export function blocksOf(markdown: string): string[][][] {
  const blocks = [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);
  return blocks.map((block) => block.replaceAll('\\\n', ' ').split('\n').filter(Boolean).map(wordsOf));
}

const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** All of a page's commands. */
export const commandsOf = (markdown: string): string[][] => blocksOf(markdown).flat();

/** Those that begin with these words, without them. */
export const after = (commands: readonly string[][], ...first: string[]): string[][] =>
  commands.filter((words) => first.every((word, at) => words[at] === word)).map((words) => words.slice(first.length));
