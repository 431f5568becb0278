import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['hostile/**/*.test.ts'],
    // What a flood leaves behind shows only once the rest is collected.
    execArgv: ['--expose-gc'],
  },
})
