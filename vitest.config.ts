import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // What takes long has a script of its own, and so has what needs Java, Debian packages or a browser.
    exclude: ['test/**/*.long.test.ts', 'test/extra/**'],
    testTimeout: 20_000,
    // By default one core is left free: on two, the stories of test/e2e would wait for all others.
    // Stories run in real time: where the machine is shared, a second try tells a slow minute from a fault.
    retry: process.env.CI ? 1 : 0,
    maxWorkers: '100%',
    // Importing everything anew for each file took as long as the tests; none of them leaves anything behind.
    isolate: false,
  },
});
