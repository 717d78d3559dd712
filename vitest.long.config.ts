import { defineConfig } from 'vitest/config';

// Needs nothing but Node and time: whole syntheses, exhaustive enumerations, the longer stories.
export default defineConfig({
  test: {
    include: ['test/**/*.long.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Stories run in real time: where the machine is shared, a second try tells a slow minute from a fault.
    retry: process.env.CI ? 1 : 0,
    maxWorkers: '100%',
  },
});
