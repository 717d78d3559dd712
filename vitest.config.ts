import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Suites that need Java, Debian packages or a browser have scripts of their own.
    exclude: ['test/extra/**'],
    testTimeout: 20_000,
    // By default one core is left free: on two, the stories of test/e2e would wait for all others.
    maxWorkers: '100%',
  },
});
