// The built service in a process of its own, so that a crash is one. Takes options as JSON, tells its URL, and says
// how much memory it holds once what is free has been collected.

import { startServer } from '../dist/signaling/index.js'

const server = await startServer({ port: 0, ...JSON.parse(process.argv[2] ?? '{}') })
process.on('message', async (ask) => {
  if (ask === 'stop') {
    await server.close()
    process.exit(0)
  }
  globalThis.gc()
  await new Promise((resolve) => setImmediate(resolve))
  globalThis.gc()
  process.send({ memory: process.memoryUsage() })
})
process.send({ url: server.url })
