import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url))
const alias = {
  'perdure/journal': here('./journal/index.ts'),
  'perdure/testing/vitest': here('./src/testing/vitest.ts'),
  'perdure/testing': here('./src/testing/index.ts'),
  perdure: here('./src/index.ts'),
}

export default defineConfig({
  resolve: { alias },
  test: {
    include: ['test/**/*.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
  },
})
