import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // All cores: left to itself it spares one, which is half of a small machine.
    maxWorkers: '100%',
    include: [
      '{protocol,replica,host,peer,transport,runtime,client,signaling,checks,sim,demo}/**/*.test.{ts,tsx}',
      'scripts/**/*.test.mjs',
    ],
    // No test is about time; a busy machine must fail none.
    testTimeout: 60_000,
  },
})
