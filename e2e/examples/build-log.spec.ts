// The example that streams the output of a command into a room.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect } from 'playwright/test'
import { Server } from '../stage.ts'
import { test } from '../test.ts'
import { openExample, openTwo } from './tabs.ts'

const SCRIPT = fileURLToPath(new URL('../../examples/build-log/stream.mjs', import.meta.url))

let server: Server

test.beforeAll(async () => {
  server = await Server.start({
    folder: fileURLToPath(new URL('../../dist/examples', import.meta.url)),
    flags: ['--base', '/games/'],
  })
})
test.afterAll(() => server.stop())

/** Prints a line whenever it is told one, and a word of its own at either end. */
const COMMAND = `
  console.log('begun')
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    if (line === 'end') { console.error('it is <b>broken</b>'); process.exit(3) }
    for (let i = 0; i < 200; i++) console.log(line + ' ' + i)
  })
`

test('the build log: each line of a command is in two tabs once, through the end of the one that hosts', async ({
  browser,
}) => {
  const [first, second] = await openTwo(browser, `${server.url}build-log/`)
  const child = spawn(
    process.execPath,
    [SCRIPT, first.url(), '--', process.execPath, '-e', COMMAND],
    { stdio: ['pipe', 'ignore', 'inherit'] },
  )
  const exited = once(child, 'exit')
  await expect(second.getByRole('log')).toContainText('begun')
  await expect(first.getByText('running…')).toBeVisible()
  child.stdin.write('before\n')
  await expect(second.getByRole('log')).toContainText('before 199')
  const closing = first.close()
  child.stdin.write('while\n')
  await closing
  child.stdin.write('after\n')
  await expect(second.getByRole('log')).toContainText('after 199')
  child.stdin.write('end\n')
  await expect(second.getByText('failed with 3')).toBeVisible()
  expect(await exited).toEqual([3, null])

  const printed = ['before', 'while', 'after'].flatMap((word) =>
    Array.from({ length: 200 }, (_, i) => `${word} ${i}`),
  )
  const expected = ['begun', ...printed, 'it is <b>broken</b>']
  const newcomer = await openExample(browser, second.url())
  await expect(newcomer.getByText('failed with 3')).toBeVisible()
  for (const page of [second, newcomer])
    expect((await page.getByRole('log').textContent())!.trimEnd().split('\n')).toEqual(expected)
  await expect(newcomer.locator('.err')).toHaveCount(1)
})

test('the next command takes the place of the one before; the script says how it is used', async ({
  browser,
}) => {
  const page = await openExample(browser, `${server.url}build-log/`)
  for (const word of ['one', 'two']) {
    const child = spawn(
      process.execPath,
      [SCRIPT, page.url(), '--', process.execPath, '-e', `console.log('${word}')`],
      { stdio: 'ignore' },
    )
    expect(await once(child, 'exit')).toEqual([0, null])
    await expect(page.getByRole('log')).toHaveText(`${word}\n`)
    await expect(page.getByText('done')).toBeVisible()
  }
  const misused = spawn(process.execPath, [SCRIPT, server.url], { stdio: 'ignore' })
  expect(await once(misused, 'exit')).toEqual([2, null])
})
