// Owns where this package's own files are. Asking Node for them by the package's name gives one answer for the compiled
// files and for the source.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

const require = createRequire(import.meta.url)
const manifestPath = require.resolve('baton-relay/package.json')

export const VERSION = (require(manifestPath) as { readonly version: string }).version
/** The drop-in builds, the demo and the compiled service. */
export const DIST_FOLDER = join(dirname(manifestPath), 'dist')
