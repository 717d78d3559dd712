import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** `NODE_OPTIONS` by which a process of this checkout's Node.js loads these modules of the checkout first. */
export const preload = (...files: string[]): string =>
  files.map((file) => `--import=${pathToFileURL(path.join(ROOT, file))}`).join(' ');

/** The environment of a process that has no account and reaches nothing beside loopback. `home`: a directory of the test's own. */
export function offline(home: string) {
  const notes = path.join(home, 'offline-notes');
  writeFileSync(notes, '');
  return {
    env: {
      PATH: `${ROOT}node_modules/.bin:${process.env.PATH}`,
      HOME: home,
      NODE_OPTIONS: preload('test/cdk/offline-preload.ts'),
      OFFLINE_NOTES: notes,
      AWS_EC2_METADATA_DISABLED: 'true',
      CDK_DISABLE_CLI_TELEMETRY: 'true',
    },
    /** What it tried to reach, with the process that did. */
    noted: (): string[] => readFileSync(notes, 'utf8').split('\n').filter(Boolean),
  };
}
