import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{protocol,transport,host,client,signaling,sim,demo}/**/*.test.{ts,tsx}'],
    // No test is about time; a busy machine must fail none.
    testTimeout: 60_000,
  },
})
