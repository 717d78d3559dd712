/** What can be broken in a local run, one fault an entry: the body of `PUT /api/v1/faults`. */
export type Fault =
  | { vantage: string; node: string; effect: NodeEffect }
  | { vantage: string; effect: VantageEffect }
  | { effect: ServiceEffect | 'table-wiped' };

export type NodeEffect = 'unreachable' | 'slow' | 'garbage';
export type VantageEffect = 'dead' | 'isolated' | 'late';
export type ServiceEffect = 'table-down' | 'route53-down' | 'sns-down';

/** The faults of a local run. `table-wiped` happens once and is not kept. */
export interface Faults {
  list(): Fault[];
  /** Replaces the list. */
  replace(faults: readonly Fault[]): void;
  /** The effect on this vantage's way to this node. */
  ofPath(vantage: string, node: string): NodeEffect | undefined;
  ofVantage(vantage: string): VantageEffect | undefined;
  ofService(effect: ServiceEffect): boolean;
}

/** Keeps the list of faults; `onWipe` is called for each `table-wiped` that is put. */
export function createFaults(onWipe: () => void): Faults {
  let faults: Fault[] = [];
  const matches = (pattern: string, value: string): boolean => pattern === '*' || pattern === value;
  return {
    list: () => faults,
    replace(next) {
      faults = next.filter(({ effect }) => effect !== 'table-wiped');
      if (next.some(({ effect }) => effect === 'table-wiped')) onWipe();
    },
    ofPath(vantage, node) {
      const found = faults.find((fault) => 'node' in fault && matches(fault.vantage, vantage) && matches(fault.node, node));
      if (found && 'node' in found) return found.effect;
      return undefined;
    },
    ofVantage(vantage) {
      const found = faults.find((fault) => 'vantage' in fault && !('node' in fault) && matches(fault.vantage, vantage));
      return found?.effect as VantageEffect | undefined;
    },
    ofService: (effect) => faults.some((fault) => fault.effect === effect),
  };
}
