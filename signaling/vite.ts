// The entry point `baton-relay/vite`: signaling within Vite's own server, in development and preview. It knows of Vite
// only what it uses.

import { attach, type AnyHttpServer, type Attached, type AttachOptions } from './attach.ts'
import { SIGNAL_PATH } from './signal-door.ts'

export type { AttachOptions } from './attach.ts'

/** As much as is used of Vite's server. */
export type ViteServer = {
  /** Null in middleware mode, where the server is another's. */
  readonly httpServer: AnyHttpServer | null
  readonly config: {
    readonly base: string
    readonly logger: { warn(message: string): void }
  }
}

/** As much as Vite needs of a plugin. */
export type BatonPlugin = {
  readonly name: string
  configureServer(server: ViteServer): void
  configurePreviewServer(server: ViteServer): void
}

const NO_SERVER =
  'baton: Vite runs as a middleware and has no server of its own. ' +
  "Call attach() of 'baton-relay/signaling' with the HTTP server that Vite runs in."

/**
 * Puts signaling into Vite's dev and preview server, at `/signal`, and at `signal` below Vite's `base`. A built site
 * needs a service of its own. In middleware mode use `attach`.
 *
 * @param options Of `attach`. `path` is where signaling is. `lan` is true by default: it means something with
 *   `vite --host`.
 * @example
 * // vite.config.js
 * import { baton } from 'baton-relay/vite'
 * export default { plugins: [baton()] }
 */
export function baton(options: AttachOptions = {}): BatonPlugin {
  const serve = ({ httpServer, config }: ViteServer): void => {
    if (httpServer === null) return config.logger.warn(NO_SERVER)
    const path = options.path ?? [SIGNAL_PATH, belowBase(config.base)]
    const attached: Attached = attach(httpServer, { lan: true, ...options, path })
    httpServer.on('close', () => attached.close())
  }
  return { name: 'baton-relay', configureServer: serve, configurePreviewServer: serve }
}

/** A base may be relative, or at another origin: Vite's own server is then at `/`. */
function belowBase(base: string): string {
  return base.startsWith('/') ? `${base.replace(/\/$/, '')}${SIGNAL_PATH}` : SIGNAL_PATH
}
