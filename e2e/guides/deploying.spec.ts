// Follows docs/deploying.md as far as a machine without containers and systemd can.

import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'playwright/test'
import { blocksOf } from './guide.ts'
import { test } from './walk.ts'

const GUIDE = 'deploying'
const fileOf = (name: string) => blocksOf(GUIDE).find(({ file }) => file === name)!.text

test('the container has the files that it copies, and its command serves pages of the origin', async ({
  newWalk,
}) => {
  const walk = newWalk(GUIDE)
  await walk.follow('In a container')
  walk.write('public/index.html', 'the page')
  const dockerfile = fileOf('Dockerfile')
  for (const [, source = ''] of dockerfile.matchAll(/^COPY (\S+)/gm))
    expect([source, existsSync(join(walk.folder, source))]).toEqual([source, true])
  const { version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as {
    version: string
  }
  expect(fileOf('package.json')).toContain(`"baton-relay": "${version}"`)
  await walk.run('npm install baton-relay')
  const [, command = ''] = /^CMD (.*)$/m.exec(dockerfile) ?? []
  const port = await walk.serveAt((JSON.parse(command) as string[]).join(' '))
  const url = `http://127.0.0.1:${port}/`
  expect(await (await fetch(url)).text()).toBe('the page')
  expect((await fetch(`${url}healthz`)).status).toBe(200)
  const stranger = await fetch(`${url}signal?origin=https%3A%2F%2Fa.example`)
  expect([stranger.status, await stranger.text()]).toEqual([
    403,
    expect.stringContaining('--origin'),
  ])
})

test('the unit names a program and options that are there, and systemd reads it', async ({
  newWalk,
}) => {
  const walk = newWalk(GUIDE)
  await walk.run('npm install baton-relay')
  const unit = fileOf('/etc/systemd/system/baton.service')
  const [, program = '', options = ''] = /^ExecStart=\S+ (\S+) public (.*)$/m.exec(unit) ?? []
  const { status, stdout } = spawnSync(
    process.execPath,
    [program, ...options.split(' '), '--help'],
    {
      cwd: walk.folder,
      encoding: 'utf8',
    },
  )
  expect([status, stdout]).toEqual([0, expect.stringContaining('--trust-proxy')])
  walk.write('baton.service', unit)
  const verified = spawnSync('systemd-analyze', ['verify', join(walk.folder, 'baton.service')], {
    encoding: 'utf8',
  })
  if (verified.error === undefined) expect(verified.stderr).not.toContain('baton.service:')
})
