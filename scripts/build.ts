/** Makes `dist`, what the package ships: JavaScript with types, the files that it reads beside itself, and the functions' bundles. */
import { execFileSync } from 'node:child_process';
import { cpSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundle } from '../lib/aws/bundle.ts';
import { ROLES } from '../lib/cdk/code.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
const DIST = path.join(ROOT, 'dist');

rmSync(DIST, { recursive: true, force: true });
execFileSync(path.join(ROOT, 'node_modules/.bin/tsc'), ['--project', 'tsconfig.build.json'], { cwd: ROOT, stdio: 'inherit' });
for (const beside of ['lib/web/assets', 'examples/aws.yaml'])
  cpSync(path.join(ROOT, beside), path.join(DIST, beside), { recursive: true });
await Promise.all(ROLES.map((role) => bundle(role, path.join(DIST, 'lambdas', role))));
