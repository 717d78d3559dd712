import type { World } from '../world.ts';

/** Something that begins and, if it gives an end, ends; `false`: there was nothing that it could befall. */
export type Begin = (world: World, variant: string) => (() => void) | undefined | false;

export interface Kind {
  /** For how many rounds it lasts, from and to. */
  rounds: readonly [number, number];
  /** The ways in which it comes: one is drawn each time, and each is a point of coverage. */
  variants?: readonly string[];
  /** It strikes single occasions with this chance. */
  odds?: number;
  /** It happens, or goes on until it is ended. */
  begin?: Begin;
}

export const endAll = (ends: readonly (() => void)[]) => (): void => {
  for (const end of ends) end();
};
