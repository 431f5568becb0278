import { spawnSync } from 'node:child_process'
import { expect, test } from 'vitest'

function run(...words) {
  const { status, stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' })
  return { status, stdout, stderr }
}

test.each(['scripts/sim.mjs', 'scripts/mutants.mjs', 'e2e/soak/run.mjs', 'e2e/faults/run.mjs'])(
  '%s says what it can be asked, to whoever asks for help or for something else',
  (script) => {
    const help = run(script, '--help')
    expect(help).toMatchObject({ status: 0, stderr: '' })
    expect(help.stdout.length).toBeGreaterThan(100)
    const unknown = run(script, '--no-such-thing')
    expect(unknown).toMatchObject({ status: 2, stdout: '' })
    expect(unknown.stderr).toMatch(/^Unknown option '--no-such-thing'/)
    expect(unknown.stderr).toContain(help.stdout.trim())
  },
)
