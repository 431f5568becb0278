import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{protocol,transport,host,client,signaling,sim,demo}/**/*.test.{ts,tsx}'],
  },
})
