import path from 'node:path';
import { Code } from 'aws-cdk-lib/aws-lambda';
import { bundle } from '../aws/bundle.ts';
import type { Cell } from '../core/cell.ts';
import { type CodeOf, ROLES, temporary, writeCell } from './code.ts';

/** Bundles of this cell made now, by esbuild, from a checkout's sources. Rejects when one becomes too large. */
export async function bundled(cell: Cell): Promise<CodeOf> {
  const home = temporary();
  await Promise.all(ROLES.map((role) => bundle(role, path.join(home, role))));
  for (const role of ROLES) writeCell(role, cell, path.join(home, role));
  return (role) => Code.fromAsset(path.join(home, role));
}
