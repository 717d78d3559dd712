/** Parts of the world that the first letters of a region's name stand for (AWS documentation, "AWS Regions"). */
const PARTS = [
  ['us', 'ca', 'mx', 'sa'],
  ['eu', 'il', 'me', 'af'],
  ['ap', 'cn'],
];

/** Regions as somebody in `from` should try them: the same one, then the same part of the world, then the others, each as given. */
export function nearestFirst(from: string, regions: readonly string[]): string[] {
  const distance = (region: string): number => (region === from ? 0 : partOf(region) === partOf(from) ? 1 : 2);
  return regions.toSorted((a, b) => distance(a) - distance(b));
}

const partOf = (region: string): number => PARTS.findIndex((part) => part.includes(region.split('-')[0] ?? ''));
