/** Reads what Stryker found: its score, and which mutants survived without an explanation. */

/** Why a mutant that survives is no gap: `code`, a piece of `file` that stands there once, would become `to` (white space aside). */
export interface Explanation {
  file: string;
  code: string;
  to: string;
  why: string;
}

interface Place {
  /** Both from 1. */
  line: number;
  column: number;
}

interface Mutant {
  status: string;
  mutatorName: string;
  replacement: string;
  location: { start: Place; end: Place };
}

/** The part of a mutation report that is read here (the schema `mutation-testing-report-schema`, version 2). */
export interface Report {
  files: Record<string, { source: string; mutants: Mutant[] }>;
}

/** How the mutants of one file fared. One that sends a test into an endless loop is killed; ones that no test can reach survive. */
export interface Score {
  file: string;
  killed: number;
  survived: number;
  /** How many of those that survived are explained. */
  explained: number;
}

export interface Survivor {
  /** `file:line` */
  at: string;
  mutator: string;
  /** The explanation that it lacks, without its `why`. */
  entry: Omit<Explanation, 'why'>;
}

export interface Outcome {
  scores: Score[];
  unexplained: Survivor[];
  /** Explanations that explain nothing: their mutant is killed, or their code is gone. */
  idle: Explanation[];
}

const KILLED = ['Killed', 'Timeout'];
const SURVIVED = ['Survived', 'NoCoverage'];
/** What is only slower survives on one machine, and takes too long on another. */
const EXPLICABLE = [...SURVIVED, 'Timeout'];

/** What a report comes to. `files`: those that were mutated as a whole, whose explanations must all be of use. */
export function outcomeOf(report: Report, explanations: readonly Explanation[], files: readonly string[]): Outcome {
  const used = new Set<Explanation>();
  const scores: Score[] = [];
  const unexplained: Survivor[] = [];
  for (const [file, { source, mutants }] of Object.entries(report.files)) {
    const ofFile = explanations.filter((each) => each.file === file);
    const explanationOf = (mutant: Mutant) => ofFile.find((each) => explains(each, source, mutant));
    for (const mutant of mutants) {
      const explanation = EXPLICABLE.includes(mutant.status) && explanationOf(mutant);
      if (explanation) used.add(explanation);
    }
    const survivors = mutants.filter(({ status }) => SURVIVED.includes(status));
    const lacking = survivors.filter((mutant) => !explanationOf(mutant));
    unexplained.push(...lacking.map((mutant) => survivorOf(file, source, mutant)));
    const killed = mutants.filter(({ status }) => KILLED.includes(status)).length;
    scores.push({ file, killed, survived: survivors.length, explained: survivors.length - lacking.length });
  }
  return { scores, unexplained, idle: explanations.filter((each) => files.includes(each.file) && !used.has(each)) };
}

/** How often a piece of code stands in a source, white space aside. */
export function countOf(code: string, source: string): number {
  return squeezed(source).split(squeezed(code)).length - 1;
}

function explains({ code, to }: Explanation, source: string, mutant: Mutant): boolean {
  const [before = '', after = '', ...more] = squeezed(source).split(squeezed(code));
  return more.length === 0 && before + squeezed(to) + after === squeezed(mutated(source, mutant));
}

const squeezed = (code: string): string => code.replace(/\s+/g, '');

function mutated(source: string, { location, replacement }: Mutant): string {
  return source.slice(0, offsetOf(source, location.start)) + replacement + source.slice(offsetOf(source, location.end));
}

/** Where a place is in the text; lines may end with any of LF and CR LF. */
function offsetOf(source: string, { line, column }: Place): number {
  const before = source.split('\n').slice(0, line - 1);
  return before.reduce((sum, { length }) => sum + length + 1, column - 1);
}

/** The survivor with as many whole lines around it as make its code unique. */
function survivorOf(file: string, source: string, mutant: Mutant): Survivor {
  const { start, end } = mutant.location;
  const lines = source.split('\n');
  const linesOf = (from: number, to: number): string => lines.slice(Math.max(0, from), to).join('\n');
  let more = 0;
  while (countOf(linesOf(start.line - 1 - more, end.line + more), source) > 1) more += 1;
  const [from, to] = [Math.max(0, start.line - 1 - more), end.line + more];
  const code = linesOf(from, to);
  const offset = offsetOf(source, { line: from + 1, column: 1 });
  const change = mutated(source, mutant).slice(offset, offset + code.length + mutated(source, mutant).length - source.length);
  const entry = { file, code: oneLine(code), to: oneLine(change) };
  return { at: `${file}:${start.line}`, mutator: mutant.mutatorName, entry };
}

const oneLine = (code: string): string => code.trim().replace(/\s+/g, ' ');
