import { defineConfig } from 'vitest/config'

const PATIENCE_MS = 5 * 60_000

export default defineConfig({
  test: {
    // All cores: left to itself it spares one, which is half of a small machine.
    maxWorkers: '100%',
    include: [
      '{protocol,storage,replica,host,peer,transport,runtime,client,signaling,checks,sim,bench,demo}/**/*.test.{ts,tsx}',
      'scripts/**/*.test.mjs',
    ],
    // No test is about time: a busy machine must fail none, and what hangs is ended in the end.
    testTimeout: PATIENCE_MS,
    hookTimeout: PATIENCE_MS,
    // Files share what they import, which takes half of the time. What a test stubs it takes down.
    isolate: false,
  },
})
