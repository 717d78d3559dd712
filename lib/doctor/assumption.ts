import type { Cell } from '../core/cell.ts';
import type { Bench, Finding } from './bench.ts';

/** Something about AWS, or about this account, that the design rests on and that no test without an account can prove. */
export interface Assumption {
  id: string;
  /** What has to be so. */
  claim: string;
  /** Who says that it is. */
  source: string;
  /** How the check proves it on the user's account. */
  proof: string;
  /** Is there anything to prove for this cell? */
  concerns(cell: Cell): boolean;
  /** No finding: it holds. A rejection: nobody can say. */
  check(bench: Bench): Promise<Finding[]>;
}

export const always = (): boolean => true;
export const hasRecords = ({ records }: Cell): boolean => records.length > 0;
export const hasPaging = ({ paging }: Cell): boolean => paging.configured;
export const hasTexts = ({ paging }: Cell): boolean =>
  paging.configured && [...paging.tiers, ...paging.quiet].some(({ sms }) => sms.length > 0);
