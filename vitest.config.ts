import { defineConfig } from 'vitest/config'

const source = { resolve: { conditions: ['floe-source'] }, ssr: { resolve: { conditions: ['floe-source'] } } }

export default defineConfig({
  test: {
    // More than the two cores of a small machine: end-to-end tests wait for polls and for other processes.
    maxWorkers: 3,
    projects: [
      {
        ...source,
        test: {
          name: 'unit',
          // Modules are loaded once per worker: no test changes what another one imports.
          isolate: false,
          include: ['packages/*/src/**/*.test.ts', 'scripts/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        ...source,
        test: { name: 'conformance', include: ['conformance/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 120_000 },
      },
      {
        ...source,
        test: { name: 'e2e', include: ['e2e/**/*.test.ts', 'examples/**/*.test.ts'], testTimeout: 180_000, hookTimeout: 180_000 },
      },
    ],
  },
})
