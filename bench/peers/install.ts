// Owns the installation of what others published, at pinned versions, into a temporary folder.

import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildScript } from '../stage/pages.ts'

const path = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/** All of them MIT. y-websocket 2 is the last one that has its server with it. */
const VERSIONS = {
  'socket.io': '4.8.4',
  'socket.io-client': '4.8.4',
  peerjs: '1.5.5',
  peer: '1.0.2',
  yjs: '13.6.33',
  'y-protocols': '1.0.7',
  'y-websocket': '2.1.0',
  'y-webrtc': '10.3.0',
  ws: '8.23.0',
}

const PAGE = `<!doctype html>
<meta charset="utf-8" />
<title>A page of others</title>
<link rel="icon" href="data:," />
<script type="module">
await import('./peers.js')
await import('./page.js')
</script>
`

/** The folder, to be removed by whoever asked. */
export function installPeers(): string {
  const folder = mkdtempSync(join(tmpdir(), 'baton-bench-peers-'))
  const json = { private: true, type: 'module', dependencies: VERSIONS }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(json))
  console.log(`installing ${Object.keys(VERSIONS).join(', ')} …`)
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=optional']
  execFileSync('npm', words, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] })
  copyFileSync(path('server.mjs'), join(folder, 'server.mjs'))
  return folder
}

/** Their page, among the benchmark's; what it imports comes from that folder. */
export async function buildPeersPage(pagesFolder: string, peersFolder: string): Promise<void> {
  const fromFolder = {
    name: 'others-from-their-folder',
    enforce: 'pre' as const,
    async resolveId(this: Resolving, source: string, importer: string | undefined) {
      if (/^[./\0]/.test(source) || importer === undefined) return null
      if (importer.startsWith(peersFolder)) return null
      return this.resolve(source, join(peersFolder, 'server.mjs'), { skipSelf: true })
    },
  }
  await buildScript(pagesFolder, path('page/page.mjs'), 'peers.js', { plugins: [fromFolder] })
  writeFileSync(join(pagesFolder, 'peers.html'), PAGE)
}

type Resolving = {
  resolve(source: string, importer: string, options: { skipSelf: boolean }): Promise<null>
}
