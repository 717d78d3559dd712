import type { ConfigInput } from './schema.ts';

/**
 * A configuration in TypeScript, with its keys completed and checked by the editor.
 *
 * ```ts
 * export default defineConfig({ name: 'example', vantages: ['eu-west-1', 'us-east-2', 'sa-east-1'], nodes: {} });
 * ```
 */
export const defineConfig = (config: ConfigInput): ConfigInput => config;
