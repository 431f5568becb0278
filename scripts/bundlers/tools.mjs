// Owns the list of tools that the package is tried with, each at one version, and how a user begins with each: files
// and a command as its own getting-started shows, and nothing else.

import * as apps from './apps.mjs'

const MODULE_PAGE = apps.pageWith('<script type="module" src="./main.js"></script>')
const CLASSIC_PAGE = apps.pageWith('<script src="./main.js"></script>')

/**
 * - `packages`: what a user installs beside Baton. The first one names the version that is told.
 * - `files`: by path; `manifest` is what a template of the tool puts into package.json.
 * - `commands`: of `node_modules/.bin`, one after the other.
 * - `served`: the folder that `baton` serves then, or `server`: a program that serves itself and prints its address.
 *   With neither, the commands are all: they run unit tests.
 *
 * The versions run on the oldest Node that is promised.
 */
export const TOOLS = {
  webpack: {
    packages: ['webpack@5.113.0', 'webpack-cli@7.3.1'],
    files: { 'src/index.js': apps.APP, 'dist/index.html': CLASSIC_PAGE },
    commands: ['webpack --mode production'],
    served: 'dist',
  },
  rollup: {
    packages: ['rollup@4.68.8', '@rollup/plugin-node-resolve@16.0.3'],
    files: { 'src/main.js': apps.APP, 'dist/index.html': MODULE_PAGE },
    commands: ['rollup src/main.js --file dist/main.js --plugin node-resolve'],
    served: 'dist',
  },
  parcel: {
    packages: ['parcel@2.16.4'],
    files: { 'src/index.html': MODULE_PAGE, 'src/main.js': apps.APP },
    commands: ['parcel build src/index.html'],
    served: 'dist',
  },
  esbuild: {
    packages: ['esbuild@0.28.2'],
    files: { 'app.js': apps.APP, 'www/index.html': CLASSIC_PAGE },
    commands: ['esbuild app.js --bundle --outfile=www/main.js'],
    served: 'www',
  },
  vite: {
    packages: ['vite@8.3.8'],
    manifest: { type: 'module' },
    files: { 'index.html': MODULE_PAGE, 'main.js': apps.APP },
    commands: ['vite build'],
    served: 'dist',
  },
  next: {
    packages: ['next@16.4.6', 'react@19.3.1', 'react-dom@19.3.1'],
    files: {
      'app/layout.js': apps.REACT_LAYOUT,
      'app/page.js': apps.REACT_PAGE,
      'app/greetings.js': apps.REACT_APP,
      'server.mjs': apps.NEXT_SERVER,
    },
    commands: ['next build'],
    server: 'server.mjs',
  },
  astro: {
    packages: ['astro@5.18.2'],
    manifest: { type: 'module' },
    files: { 'src/pages/index.astro': apps.pageWith(`<script>${apps.APP}</script>`) },
    commands: ['astro build'],
    served: 'dist',
  },
  eleventy: {
    packages: ['@11ty/eleventy@3.1.8'],
    // No bundler: the drop-in scripts are copied, and a page imports them by their address.
    files: {
      'index.html': apps.pageWith(
        `<script type="module">${apps.APP.replace(/'baton-relay(.*)'/g, (_, entry) => `'/baton${entry.replace('/', '-')}.js'`)}</script>`,
      ),
      'eleventy.config.mjs': `
        const dist = 'node_modules/baton-relay/dist/'
        export default (config) => config.addPassthroughCopy({ [dist + 'baton*.js']: '/' })
      `,
    },
    commands: ['eleventy'],
    served: '_site',
  },
  jest: {
    packages: ['jest@30.5.2', 'react@19.3.1', 'react-dom@19.3.1'],
    files: { 'room.test.js': apps.COMMON_JS_TEST, 'react.test.js': apps.COMMON_JS_REACT_TEST },
    commands: ['jest'],
  },
  'jest with jsdom': {
    packages: ['jest@30.5.2', 'jest-environment-jsdom@30.5.2'],
    files: { 'room.test.js': apps.COMMON_JS_TEST },
    commands: ['jest --env=jsdom'],
  },
  'vitest with happy-dom': {
    packages: ['vitest@4.1.12', 'happy-dom@20.14.6'],
    files: { 'room.test.js': apps.MODULE_TEST },
    commands: ['vitest run --environment happy-dom'],
  },
  'vitest with jsdom': {
    packages: ['vitest@4.1.12', 'jsdom@27.4.0'],
    files: { 'room.test.js': apps.MODULE_TEST },
    commands: ['vitest run --environment jsdom'],
  },
}
