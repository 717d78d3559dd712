import { jsonSchema } from '../config/json-schema.ts';
import type { Output } from './probe.ts';

/** `quorumwatch schema`: the JSON Schema of configurations. Gives the exit code, 0. */
export async function schemaCommand({ stdout }: { stdout: Output }): Promise<number> {
  stdout.write(`${JSON.stringify(jsonSchema(), null, 2)}\n`);
  return 0;
}
