import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** A page of `docs`. */
export const pageOf = (name: string): string =>
  readFileSync(fileURLToPath(new URL(`../../docs/${name}`, import.meta.url)), 'utf8');

export const operating = (): string => pageOf('operating.md');

/** What stands under a heading, up to the next. */
export function sectionOf(markdown: string, heading: string): string {
  const [, section] = markdown.split(`\n## ${heading}\n`);
  if (section === undefined) throw new Error(`there is no heading ${heading}`);
  return section.split('\n## ')[0] ?? '';
}

/** A page's shell blocks, in order. */
export const shellOf = (markdown: string): string[] =>
  [...markdown.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block = '']) => block);

/** The commands of each of them, as words; a word in quotes is one. */
export function blocksOf(markdown: string): string[][][] {
  return shellOf(markdown).map((block) => block.replaceAll('\\\n', ' ').split('\n').filter(Boolean).map(wordsOf));
}

const wordsOf = (line: string): string[] =>
  [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');

/** All of a page's commands. */
export const commandsOf = (markdown: string): string[][] => blocksOf(markdown).flat();

/** Those that begin with these words, without them. */
export const after = (commands: readonly string[][], ...first: string[]): string[][] =>
  commands.filter((words) => first.every((word, at) => words[at] === word)).map((words) => words.slice(first.length));
