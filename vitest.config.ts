import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const alias = {
  'perdure/journal': here('./journal/index.ts'),
  'perdure/testing/vitest': here('./src/testing/vitest.ts'),
  'perdure/testing': here('./src/testing/index.ts'),
  perdure: here('./src/index.ts'),
}

/** What they look at, or put another in the place of, is one for the whole process. */
const alone = ['test/run/scopes.test.ts', 'test/fuzz/fuzz.test.ts', 'test/cli/full-disk.test.ts']

/** Many rounds take as long as they take. */
const { PERDURE_RUNS, PERDURE_ROUNDS } = process.env
const testTimeout = (PERDURE_RUNS ?? PERDURE_ROUNDS) ? 3_600_000 : 60_000

// Files share a process, and with it what they import: to load it for each took as long as the tests.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    projects: [
      {
        resolve: { alias },
        test: {
          name: 'shared',
          include: ['test/**/*.test.ts'],
          exclude: alone,
          isolate: false,
          testTimeout,
        },
      },
      {
        resolve: { alias },
        test: { name: 'alone', include: alone, testTimeout },
      },
    ],
  },
})
