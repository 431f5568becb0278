import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PageSocket } from './socket-scene.ts'

// The command as it is installed: compiled, in a package of its own, with its dependencies in a folder above.
const packageFolder = join('node_modules', '.cache', `baton-cli-${process.pid}`)
const cli = join(packageFolder, 'dist', 'signaling', 'cli.js')

beforeAll(async () => {
  await mkdir(packageFolder, { recursive: true })
  await copyFile('package.json', join(packageFolder, 'package.json'))
  const compiler = join('node_modules', 'typescript', 'bin', 'tsc')
  await promisify(execFile)(process.execPath, [
    compiler,
    '-p',
    'tsconfig.build.json',
    '--outDir',
    join(packageFolder, 'dist'),
  ])
})

afterAll(() => rm(packageFolder, { recursive: true }))

test.each(['SIGTERM', 'SIGINT'] as const)(
  'a compiled service introduces pages, and %s ends it with 0 after it has told them',
  async (signal) => {
    const child = spawn(process.execPath, [cli, packageFolder, '--port', '0'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const exit = once(child, 'exit')
    const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
    const page = await PageSocket.join(/http:\S+/.exec(line)?.[0] ?? '', 'a')
    child.kill(signal)
    expect(await page.next()).toMatchObject({ type: 'error', code: 'shutting-down' })
    expect(await page.closed).toBe(1001)
    expect(await exit).toEqual([0, null])
  },
)

test('a compiled service that cannot start says why on stderr and ends with 1', async () => {
  const child = spawn(process.execPath, [cli, 'no such folder'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const [[said], exit] = await Promise.all([
    once(createInterface(child.stderr), 'line'),
    once(child, 'exit'),
  ])
  expect([said, exit]).toEqual([expect.stringContaining('no such folder'), [1, null]])
})

test('a reader of its output that goes away, as `head -1` does, does not end it', async () => {
  const child = spawn(process.execPath, [cli, packageFolder, '--port', '0'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exit = once(child, 'exit')
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string]
  const url = /http:\S+/.exec(line)?.[0] ?? ''
  child.stdout.destroy()
  child.stderr.destroy()
  // Each join is a line of its log, which nobody reads: the first finds the pipe closed.
  for (const name of ['a', 'b', 'c']) await PageSocket.join(url, name)
  expect((await fetch(`${url}healthz`)).status).toBe(200)
  child.kill('SIGTERM')
  expect(await exit).toEqual([0, null])
})
