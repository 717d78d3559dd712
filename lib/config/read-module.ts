import * as nodeModule from 'node:module';
import { resolve as absolute } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Read, refuse } from './source.ts';

/** Reads a configuration that is a module, in TypeScript or JavaScript. Never throws. */
export async function readModule(file: string): Promise<Read> {
  const { href } = pathToFileURL(absolute(file));
  try {
    const module: { default?: unknown } = await importAsModule(href);
    if (module.default === undefined)
      return refuse(file, 'nothing is exported as default', 'write export default defineConfig({ … })');
    // Throws for what no file could say: circles, numbers beyond JSON's.
    JSON.stringify(module.default);
    return { file, data: module.default, lines: new Map() };
  } catch (error) {
    return refuse(file, ...faultOf(file, error as NodeJS.ErrnoException));
  }
}

function faultOf(file: string, error: NodeJS.ErrnoException): [what: string, instead: string] {
  if (error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(absolute(file)))
    return ['there is no such file', 'name a file that can be read, or write one with quorumwatch init'];
  if (error.code === 'ERR_UNKNOWN_FILE_EXTENSION')
    return [`Node.js ${process.versions.node} does not run TypeScript`, 'use Node.js 22.18 or newer, or write YAML or JSON'];
  return [`it cannot be imported: ${error.message ?? String(error)}`, 'write a module with export default defineConfig({ … })'];
}

/**
 * TypeScript is imported as an ES module, whatever its package says: `npm init` writes `"type": "commonjs"`, by which Node would refuse
 * a configuration's `export`. Where Node has no such hooks (before 22.15) it runs no TypeScript either.
 */
async function importAsModule(href: string): Promise<{ default?: unknown }> {
  const format = 'module-typescript';
  const hooks = nodeModule.registerHooks?.({
    load: (url, context, next) => next(url, url === href && href.endsWith('.ts') ? { ...context, format } : context),
  });
  try {
    return await import(href);
  } finally {
    hooks?.deregister();
  }
}
