import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Suites that need Java, Debian packages or a browser have scripts of their own.
    exclude: ['test/extra/**'],
    testTimeout: 20_000,
  },
});
