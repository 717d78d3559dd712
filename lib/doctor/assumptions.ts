import type { Assumption } from './assumption.ts';
import { METRIC_ASSUMPTIONS } from './metrics.ts';
import { PAGING_ASSUMPTIONS } from './paging.ts';
import { QUEUE_ASSUMPTIONS } from './queues.ts';
import { QUOTA_ASSUMPTIONS } from './quotas.ts';
import { SECRET_ASSUMPTIONS } from './secrets.ts';
import { SWITCH_ASSUMPTIONS } from './switch.ts';
import { TABLE_ASSUMPTIONS } from './table.ts';

/** Everything about AWS that the design rests on and that only the user's own account can prove; the slowest last. */
export const ASSUMPTIONS: readonly Assumption[] = [
  ...TABLE_ASSUMPTIONS,
  ...QUEUE_ASSUMPTIONS,
  ...PAGING_ASSUMPTIONS,
  ...METRIC_ASSUMPTIONS,
  ...QUOTA_ASSUMPTIONS,
  ...SECRET_ASSUMPTIONS,
  ...SWITCH_ASSUMPTIONS,
];
