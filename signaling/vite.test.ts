import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { build, createServer, preview, type InlineConfig } from 'vite'
import { PageSocket } from './socket-scene.ts'
import { baton } from './vite.ts'

let root: string

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'baton-vite-'))
  await writeFile(join(root, 'index.html'), '<!doctype html><title>Game</title>')
})

afterAll(() => rm(root, { recursive: true }))

const configOf = (base: string): InlineConfig => ({
  root,
  base,
  configFile: false,
  logLevel: 'silent',
  plugins: [baton()],
  server: { port: 0, host: '127.0.0.1' },
  preview: { port: 0, host: '127.0.0.1' },
})

test("Vite's dev server has signaling, at its origin and below its base, and still has its pages", async () => {
  const server = await createServer(configOf('/games/'))
  await server.listen()
  const url = server.resolvedUrls!.local[0]!
  expect(url).toMatch(/\/games\/$/)
  await PageSocket.join(url, 'a')
  await PageSocket.join(url.replace('games/', ''), 'b')
  const page = await (await fetch(url, { headers: { Accept: 'text/html' } })).text()
  expect(page).toContain('<title>Game</title>')
  expect(page).toContain('/@vite/') // by this a page knows that Vite answers
  await server.close()
})

test.each(['/', './', 'https://cdn.example/games/'])(
  "Vite's preview server has signaling with the base %s",
  async (base) => {
    await build({ ...configOf(base), build: { outDir: 'dist', emptyOutDir: true } })
    const server = await preview({ ...configOf(base), build: { outDir: 'dist' } })
    const { port } = server.httpServer.address() as { port: number }
    await PageSocket.join(`http://127.0.0.1:${port}/`, 'a')
    await server.close()
  },
)

test('[SG8] Vite with --host tells pages at which addresses others reach it', async () => {
  const server = await createServer({ ...configOf('/'), server: { port: 0, host: '0.0.0.0' } })
  await server.listen()
  await vi.waitFor(async () =>
    expect(await PageSocket.firstWord(server.resolvedUrls!.local[0]!)).toMatchObject({
      type: 'network',
    }),
  )
  await server.close()
})

test('a Vite without a server of its own says what to do', () => {
  const warn = vi.fn()
  baton().configureServer({ httpServer: null, config: { base: '/', logger: { warn } } })
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('attach()'))
})
