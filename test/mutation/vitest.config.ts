import { defineConfig } from 'vitest/config';

// What judges a mutant of lib/core: every test of the core that is quick, and what its words look like, with the same random inputs in every run.
export default defineConfig({
  test: {
    include: ['test/core/**/*.test.ts', 'test/pages/golden.test.ts'],
    exclude: ['**/*.long.test.ts', 'test/core/architecture.test.ts', 'test/core/paging/many.test.ts'],
    setupFiles: ['test/mutation/seed.ts'],
    testTimeout: 20_000,
    isolate: false,
  },
});
