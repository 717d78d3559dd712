import { cpSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, type Metafile, type Plugin } from 'esbuild';
import type { FunctionRole } from './names.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The bundle's file and what it exports, as Lambda names a handler. */
export const HANDLER = 'index.handler';
const ENTRY = 'index.mjs';

/**
 * What a function loads at its start may not be larger, in bytes: starting is billed. Each has 190 KB of SDK (the arbiter 290 KB) and
 * 25 KB of logger; prober and arbiter have undici's HTTP parser (140 KB, half of it llhttp), since the one asks nodes and the other
 * its web part and hooks. The prober loads with the first check that needs it: expressions whose time is linear (re2js, 150 KB of
 * Unicode tables), WebSocket (50 KB), DNS (30 KB), JMESPath (22 KB), cron (30 KB), and each kind of check but `http` and `tcp`.
 */
export const MAX_START_BYTES: Readonly<Record<FunctionRole, number>> = {
  prober: 450_000,
  arbiter: 700_000,
  web: 400_000,
  gate: 220_000,
};

/**
 * Nor may a whole bundle be larger, with what is loaded late: it is fetched and unpacked before a start, and what somebody adds by
 * mistake is seen here first. A prober's is twice its start: one that has every kind of check, every way to a secret and group needs all.
 */
export const MAX_TOTAL_BYTES: Readonly<Record<FunctionRole, number>> = {
  prober: 900_000,
  arbiter: 800_000,
  web: 480_000,
  gate: 220_000,
};

export interface Bundle {
  /** What is loaded at the start: the handler and what it imports. */
  startBytes: number;
  /** With what is loaded once it is needed. */
  totalBytes: number;
  /** The files that are loaded at the start, and all of them, as paths from the root. */
  startFiles: string[];
  files: string[];
}

/**
 * Bundles one function into a directory, where its cell is put beside it: ESM with everything that it needs, the SDK included,
 * since the runtime's own changes by itself. Nothing in it depends on the processor. Rejects when it becomes too large.
 */
export async function bundle(role: FunctionRole, directory: string): Promise<Bundle> {
  const { metafile } = await build({
    entryPoints: { index: path.join(ROOT, 'lambdas', `${role}.ts`) },
    outdir: directory,
    outExtension: { '.js': '.mjs' },
    absWorkingDir: ROOT,
    bundle: true,
    splitting: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    minify: true,
    legalComments: 'none',
    metafile: true,
    logLevel: 'silent',
    plugins: [leaveOut],
    // undici is CommonJS: its `require` of what Node has built in needs one.
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  const sizes = sizesOf(metafile);
  if (sizes.startBytes > MAX_START_BYTES[role]) {
    throw new Error(`the ${role} loads ${sizes.startBytes} bytes, more than ${MAX_START_BYTES[role]} (see what is new in it)`);
  }
  if (sizes.totalBytes > MAX_TOTAL_BYTES[role]) {
    throw new Error(`the ${role} has ${sizes.totalBytes} bytes, more than ${MAX_TOTAL_BYTES[role]} (see what is new in it)`);
  }
  // Style sheets and the like, which the web part reads from beside itself.
  if (role === 'web') cpSync(path.join(ROOT, 'lib/web/assets'), path.join(directory, 'assets'), { recursive: true });
  return sizes;
}

/** What packages bring along for other uses than ours, by what is loaded in its place. */
const INSTEAD: { filter: RegExp; contents: string | ((file: string) => string) }[] = [
  // Of undici only the client, which takes a socket that was dialled: neither fetch, mocks nor caches.
  { filter: /\/undici\/index\.js$/, contents: "export { default as Client } from 'undici/lib/dispatcher/client.js';" },
  { filter: /\/undici\/lib\/web\/fetch\/body\.js$/, contents: "throw new Error('forms are not bundled');" },
  // Only HTTP/1.1 is ever agreed on.
  {
    filter: /\/undici\/lib\/dispatcher\/client-h2\.js$/,
    contents: "module.exports = () => { throw new Error('HTTP/2 is not bundled'); };",
  },
  // llhttp twice: every processor of Lambda has SIMD.
  { filter: /\/undici\/lib\/llhttp\/llhttp-wasm\.js$/, contents: "throw new Error('llhttp without SIMD is not bundled');" },
  // Of llhttp's tables the client uses these two.
  {
    filter: /\/undici\/lib\/llhttp\/constants\.js$/,
    contents(file) {
      const { ERROR, TYPE } = createRequire(file)(file);
      return `module.exports = ${JSON.stringify({ ERROR, TYPE })};`;
    },
  },
  // DynamoDB's own endpoints are asked, never discovered (AWS SDKs reference guide, "Endpoint discovery": off unless it is enabled).
  {
    filter: /\/@aws-sdk\/endpoint-cache\/dist-es\/index\.js$/,
    contents: 'export class EndpointCache {}',
  },
  // Packages say their version to servers: of the rest nobody reads anything.
  {
    filter: /\/package\.json$/,
    contents(file) {
      const { name, version } = JSON.parse(readFileSync(file, 'utf8'));
      return `export default ${JSON.stringify({ name, version })};`;
    },
  },
  // For browsers.
  { filter: /\/bowser\/.*\.m?js$/, contents: "throw new Error('bowser is not bundled');" },
  // Lambda gives its role's credentials by the environment (Lambda developer guide, "Defined runtime environment variables").
  {
    filter: /\/@aws-sdk\/credential-provider-node\/dist-es\/index\.js$/,
    contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  },
];

const leaveOut: Plugin = {
  name: 'leave-out',
  setup({ onLoad }) {
    for (const { filter, contents } of INSTEAD)
      onLoad({ filter }, ({ path: file }) => ({
        contents: typeof contents === 'string' ? contents : contents(file),
        loader: 'js',
        resolveDir: ROOT,
      }));
  },
};

/** The start is the entry with all that it imports statically, directly or not. */
function sizesOf({ inputs, outputs }: Metafile): Bundle {
  const started = new Set<string>();
  const load = (file: string): void => {
    if (started.has(file)) return;
    started.add(file);
    for (const { path: imported, kind } of outputs[file]?.imports ?? [])
      if (kind === 'import-statement' && imported in outputs) load(imported);
  };
  load(Object.keys(outputs).find((file) => path.basename(file) === ENTRY) ?? ENTRY);
  const bytesOf = (files: Iterable<string>): number => [...files].reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
  return {
    startBytes: bytesOf(started),
    totalBytes: bytesOf(Object.keys(outputs)),
    startFiles: [...started].flatMap((file) => Object.keys(outputs[file]?.inputs ?? {})),
    files: Object.keys(inputs),
  };
}
