import { cellOf } from './invariants/world.ts';

/** Three vantages, a round every 10 s, `downFor` 5 s, `recover` 2, hold 60 s; nodes eu and us serve the record api. */
export const two = cellOf();
export const guarded = (guard: object, members = ['eu', 'us']) =>
  cellOf({
    nodes: Object.fromEntries(members.map((node) => [node, ['api']])),
    records: { api: { members, guard } },
  });
export const three = (guard: object = {}) => guarded({ maxOut: 2, ...guard }, ['ap', 'eu', 'us']);
export const MINUTE = 60_000;
export const at = (story: { ledger(): { bornAt: number } }, minutes: number) =>
  story.ledger().bornAt + 3_600_000 + minutes * MINUTE;
