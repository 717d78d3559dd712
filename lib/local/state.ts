import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SwitchState } from '../core/inputs.ts';

/** What others would keep beside the table: Route 53 the switches, Secrets Manager what heartbeats' tokens are derived from. */
export interface LocalState {
  switches(): SwitchState[];
  saveSwitches(switches: readonly SwitchState[]): void;
  beatSecret(): string;
}

/** Kept in a file of that folder, which is made if it is missing; without a folder nothing is kept. */
export function openState(dataDir: string | undefined): LocalState {
  if (dataDir === undefined) return { switches: () => [], saveSwitches: () => {}, beatSecret: newSecret };
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
    beatSecret() {
      const secretFile = join(dataDir, 'beat-secret');
      if (!existsSync(secretFile)) writeFileSync(secretFile, newSecret(), { mode: 0o600 });
      return readFileSync(secretFile, 'utf8');
    },
  };
}

const newSecret = (): string => randomBytes(32).toString('hex');
