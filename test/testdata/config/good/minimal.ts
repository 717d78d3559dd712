import { defineConfig } from '../../../../lib/index.ts';

const nodes = Object.fromEntries(
  ['eu1'].map((id) => [id, { url: `https://${id}.example.org`, checks: { home: { type: 'http' as const } } }]),
);

export default defineConfig({ name: 'minimal', vantages: ['eu-west-1', 'us-east-2', 'sa-east-1'], nodes });
