/** Random numbers that a seed gives back, byte for byte. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  chance(probability: number): boolean;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  /** A whole number in [from, to]. */
  between(from: number, to: number): number;
  pick<T>(from: readonly T[]): T;
  /** In a random order. */
  shuffled<T>(from: readonly T[]): T[];
  /** A stream of its own: what draws from it takes nothing from this one. */
  fork(): Random;
}

/** sfc32 (PractRand, Chris Doty-Humphrey): small, fast, and the same on every machine. */
export function createRandom(seed: number): Random {
  let [a, b, c, counter] = [0x9e3779b9, 0x243f6a88, seed | 0, 1];
  const draw = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return sum >>> 0;
  };
  for (let warmUp = 0; warmUp < 12; warmUp++) draw();

  const random: Random = {
    next: () => draw() / 2 ** 32,
    chance: (probability) => draw() / 2 ** 32 < probability,
    below: (limit) => Math.floor((draw() / 2 ** 32) * limit),
    between: (from, to) => from + random.below(to - from + 1),
    pick<T>(from: readonly T[]) {
      if (from.length === 0) throw new RangeError('nothing to pick from');
      return from[random.below(from.length)] as T;
    },
    shuffled<T>(from: readonly T[]) {
      const list = [...from];
      for (let last = list.length - 1; last > 0; last--) {
        const other = random.below(last + 1);
        [list[last], list[other]] = [list[other] as T, list[last] as T];
      }
      return list;
    },
    fork: () => createRandom(draw()),
  };
  return random;
}
