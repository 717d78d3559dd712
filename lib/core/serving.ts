import type { MemberSpec, RecordSpec } from './cell.ts';

/**
 * The members that a record may be answered with now, one of them or several.
 * - If none is healthy, all count as healthy; of weighted ones those with weight 0 count only if no other does (Route 53 developer
 *   guide, "How Amazon Route 53 chooses records when health checking is configured").
 * - Primaries while one of them is healthy, else secondaries while one of them is, else primaries ("Active-active and
 *   active-passive failover"; API reference, ResourceRecordSet, `Failover`).
 */
export function serving({ members }: RecordSpec, isHealthy: (member: MemberSpec) => boolean): MemberSpec[] {
  const healthy = members.filter(isHealthy);
  const pool = healthy.length > 0 ? healthy : members;
  const primary = pool.filter(({ role }) => role === 'primary');
  if (primary.length > 0) return primary;
  const weighted = pool.filter(({ weight }) => weight !== 0);
  return weighted.length > 0 ? weighted : pool;
}
