import { defineConfig } from 'vitest/config';

// Needs nothing but Node and time: whole syntheses, exhaustive enumerations, the longer stories.
export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: '100%',
  },
});
