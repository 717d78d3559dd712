import { ALARM_RULES } from './alarm-rules.ts';
import { FUNCTION_RULES } from './function-rules.ts';
import { PERMISSION_RULES } from './permission-rules.ts';
import { RECORD_RULES } from './record-rules.ts';
import { STACK_RULES } from './stack-rules.ts';
import type { Synthesis } from './synthesis.ts';

/** What holds of every synthesised cell. Written apart from the tests, so that another test can take something away and see it fail. */
export interface Rule {
  title: string;
  /** Throws where it does not hold. */
  check(synthesis: Synthesis): void;
}

export const RULES: Rule[] = [...STACK_RULES, ...PERMISSION_RULES, ...FUNCTION_RULES, ...ALARM_RULES, ...RECORD_RULES];
