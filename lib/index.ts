import './older-node.ts';

export { defineConfig } from './config/define.ts';
export type { ConfigInput } from './config/schema.ts';
