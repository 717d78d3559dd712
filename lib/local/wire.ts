import type { ChildProcess } from 'node:child_process';
import { errorText } from '../core/error-text.ts';

/** Both ends of a line between two processes: what each may ask of the other. */
export type Methods = Readonly<Record<string, (...given: never[]) => unknown>>;

type Message = { id: number; ask: string; given: unknown[] } | { id: number; answer?: unknown; error?: string };

/** Either end: `process` in a child, the child's handle in its parent. */
export type End = Pick<ChildProcess, 'send' | 'on' | 'off'> | NodeJS.Process;

/** Asks the other process; rejects with its error's text, or once the line is cut. */
export type Ask = <T>(method: string, ...given: unknown[]) => Promise<T>;

/** Answers the other end by these methods, and gives a way to ask it. Whatever is sent is copied as JSON. */
export function createWire(end: End, methods: Methods): Ask {
  const waiting = new Map<number, PromiseWithResolvers<never>>();
  let asked = 0;
  let isCut = false;

  end.on('message', async (message: Message) => {
    if ('ask' in message) {
      const { id, ask, given } = message;
      try {
        send({ id, answer: await methods[ask]?.(...(given as never[])) });
      } catch (error) {
        send({ id, error: errorText(error) });
      }
      return;
    }
    const { id, answer, error } = message;
    if (error === undefined) waiting.get(id)?.resolve(answer as never);
    else waiting.get(id)?.reject(new Error(error));
    waiting.delete(id);
  });
  end.on('disconnect', () => {
    isCut = true;
    for (const { reject } of waiting.values()) reject(new Error('the process is gone'));
    waiting.clear();
  });

  /** What cannot be sent was for somebody who is gone. */
  function send(message: Message): void {
    if (!isCut) end.send?.(message, undefined, undefined, () => {});
  }

  return (method, ...given) => {
    if (isCut) return Promise.reject(new Error('the process is gone'));
    const id = ++asked;
    const answer = Promise.withResolvers<never>();
    waiting.set(id, answer);
    send({ id, ask: method, given });
    return answer.promise;
  };
}
