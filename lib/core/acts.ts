/** What people ask for through the web or the command line: written to `acts`, consumed by `decide`, never applied directly. */
interface ActBase {
  /** Grows by one with each act of an incarnation. */
  seq: number;
  at: number;
  by: string;
}

export type Act = ActBase &
  (
    | { kind: 'acknowledge'; incident: string }
    /** Nobody has it any more: it is paged on. */
    | { kind: 'unacknowledge'; incident: string }
    /** Out of service, until then or until `restore`. */
    | { kind: 'drain'; node: string; until?: number }
    /** Ends a drain, a force and somebody's hand. */
    | { kind: 'restore'; node: string }
    | { kind: 'force'; node: string; inService: boolean; until: number; reason: string }
    | { kind: 'silence'; node: string; until: number }
    /** Ends every silence of this node, also the configured ones that are on now. */
    | { kind: 'unsilence'; node: string }
    | { kind: 'pause'; until: number }
    /** A fire drill: about a node, paged to that tier, with hooks and a flip only if asked. */
    | { kind: 'drill'; node?: string; tier: number; flip: boolean; hooks: boolean }
    /** Ends a pause. */
    | { kind: 'resume' }
  );

/** An act before the store gives it its place. */
export type NewAct = Act extends infer Each ? (Each extends Act ? Omit<Each, 'seq'> : never) : never;

/** The acts item: recent acts, oldest first. `incarnation` is drawn anew when the item is created. */
export interface Acts {
  schema: 1;
  incarnation: string;
  version: number;
  /** Which write this was read from: set by the store, which writes over that one and no other. */
  token?: string;
  acts: Act[];
}
