import { defineConfig } from 'vitest/config';

// Suites that need more than Node and npm: Java, Debian packages, a browser.
export default defineConfig({
  test: {
    include: ['test/extra/**/*.test.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
