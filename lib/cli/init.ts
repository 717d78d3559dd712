import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { faultLine } from '../config/faults.ts';
import { STARTER } from '../config/starter.ts';
import type { Output } from './probe.ts';

const NAME = 'quorumwatch.config.yaml';

export interface InitArgs {
  /** Where to; the working directory unless said otherwise. */
  directory?: string;
  stdout: Output;
  stderr: Output;
}

/** `quorumwatch init`: writes a commented configuration to begin with; one that is there already stays. Gives the exit code: 0, or 2 when nothing was written. */
export async function initCommand({ directory = '.', stdout, stderr }: InitArgs): Promise<number> {
  const refused = await writeFile(join(directory, NAME), STARTER, { flag: 'wx' }).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error,
  );
  if (refused !== undefined) {
    const exists = refused.code === 'EEXIST';
    const what = exists ? 'the file is there already' : `it cannot be written: ${refused.message}`;
    stderr.write(
      `${faultLine({ path: NAME, what, instead: exists ? 'edit it, or move it away first' : 'choose a directory that can be written to' })}\n`,
    );
    return 2;
  }
  stdout.write(`wrote ${NAME}: edit it, then run quorumwatch validate ${NAME}\n`);
  return 0;
}
