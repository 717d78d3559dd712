import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SwitchState } from '../core/inputs.ts';

/** What Route 53 would keep beside the table: the switches. */
export interface LocalState {
  switches(): SwitchState[];
  saveSwitches(switches: readonly SwitchState[]): void;
}

/** Kept in a file of that folder, which is made if it is missing; without a folder nothing is kept. */
export function openState(dataDir: string | undefined): LocalState {
  if (dataDir === undefined) return { switches: () => [], saveSwitches: () => {} };
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'switches.json');
  return {
    switches() {
      try {
        return JSON.parse(readFileSync(file, 'utf8'));
      } catch {
        return []; // the first start
      }
    },
    saveSwitches(switches) {
      writeFileSync(`${file}.new`, JSON.stringify(switches));
      renameSync(`${file}.new`, file);
    },
  };
}
