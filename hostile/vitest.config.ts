import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    // All cores: left to itself it spares one, which is half of a small machine.
    maxWorkers: '100%',
    include: ['hostile/**/*.test.ts'],
    // What a flood leaves behind shows only once the rest is collected.
    execArgv: ['--expose-gc'],
  },
})
