import { startServer } from 'baton-relay/signaling'

const server = await startServer({ folder: import.meta.dirname, port: Number(process.env.PORT ?? 8080) })
console.log(`Open ${server.url}chat.html`)
process.once('SIGINT', () => server.close())
