import type { WebsocketSpec } from '../core/cell.ts';
import { judgeText } from './expectations.ts';
import { evaluate, judgeJson, parseJson } from './json.ts';
import { type Finding, met, unmet } from './look.ts';
import type { Show } from './show.ts';

/** Judges messages as they come: one of them must meet the expectations, and the number must grow from one to a later one. */
export interface MessageJudge {
  take(message: string): void;
  /** Nothing more is waited for. */
  isContent(): boolean;
  /** What was not met, with why no more came. */
  findings(ending: string): Finding[];
}

/** A judge of messages for one look; with nothing expected it is content before the first. */
export function createMessageJudge({ message: text, json, grows }: WebsocketSpec['expect'], show: Show): MessageJudge {
  const expectsText = text.contains.length + text.notContains.length > 0 || text.matches !== undefined;
  let isMet = !expectsText && json.length === 0;
  let grown = grows === undefined;
  let count = 0;
  let judged: Finding[] = [];
  let number: number | undefined;
  const judge = (message: string): Finding[] => [
    ...judgeText(text, message, show, 'message'),
    // ws hands on nothing else.
    ...judgeJson({ text: message, isUtf8: true }, json, show, 'message'),
  ];

  return {
    take(message) {
      count += 1;
      if (!isMet) judged = judge(message);
      isMet ||= unmet(judged).length === 0;
      if (grown || grows === undefined) return;
      const next = numberAt(grows, message);
      grown = next !== undefined && number !== undefined && next > number;
      number = next ?? number;
    },
    isContent: () => isMet && grown,
    findings(ending) {
      if (isMet && grown) return [...judged, ...growth(grows, number)];
      if (count === 0) return [{ vote: 'down', reason: 'message-missing', detail: `${ending} before a message` }];
      const after = `in ${count} ${count === 1 ? 'message' : 'messages'}, then ${ending}`;
      if (!isMet) return unmet(judged).map((finding) => ({ ...finding, detail: `${finding.detail}, ${after}` }));
      const seen = number === undefined ? 'is no number' : `did not grow beyond ${number}`;
      return [{ vote: 'down', reason: 'not-growing', detail: `${grows} ${seen} ${after}` }];
    },
  };
}

const growth = (grows: string | undefined, number: number | undefined): Finding[] =>
  grows === undefined ? [] : [met(`${grows} grew to ${number}`)];

/** A number, or text that is one: chains write `"0x1b4"` and `"436"`. */
function numberAt(path: string, message: string): number | undefined {
  const parsed = parseJson({ text: message, isUtf8: true });
  const seen = evaluate(path, 'value' in parsed ? parsed.value : null);
  const value = 'value' in seen ? seen.value : undefined;
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  return Number.isFinite(Number(value)) ? Number(value) : undefined;
}
