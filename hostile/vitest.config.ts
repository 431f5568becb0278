import { defineConfig } from 'vitest/config'

const PATIENCE_MS = 10 * 60_000

export default defineConfig({
  test: {
    // All cores: left to itself it spares one, which is half of a small machine.
    maxWorkers: '100%',
    include: ['hostile/**/*.test.ts'],
    // No test is about time: a busy machine must fail none, and what hangs is ended in the end.
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    // What a flood leaves behind shows only once the rest is collected.
    execArgv: ['--expose-gc'],
  },
})
