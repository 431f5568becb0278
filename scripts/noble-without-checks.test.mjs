import { randomBytes } from 'node:crypto'
import { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { build } from 'vite'
import { expect, test } from 'vitest'
import { nobleWithoutChecks, withoutChecks } from './noble-without-checks.mjs'

const ENTRY = `${import.meta.dirname}/lean-noble.mjs`
const EXPORTS = `
  export { xchacha20poly1305 } from '@noble/ciphers/chacha.js'
  export { hmac } from '@noble/hashes/hmac.js'
  export { sha256 } from '@noble/hashes/sha2.js'
`

/** noble as it is in a drop-in script. */
async function leanNoble() {
  const entry = {
    name: 'entry',
    enforce: 'pre',
    resolveId: (id) => (id === ENTRY ? id : undefined),
    load: (id) => (id === ENTRY ? EXPORTS : undefined),
  }
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'error',
    plugins: [entry, nobleWithoutChecks],
    build: { write: false, lib: { entry: ENTRY, formats: ['es'], fileName: 'lean' } },
  })
  return import(`data:text/javascript,${encodeURIComponent(output[0].code)}`)
}

test('[SG2] noble in a drop-in script computes what noble computes', async () => {
  const lean = await leanNoble()
  for (let length = 0; length < 300; length += 7) {
    const [key, nonce, bound, text] = [32, 24, length % 90, length].map((n) => randomBytes(n))
    const box = xchacha20poly1305(key, nonce, bound).encrypt(text)
    const cipher = () => lean.xchacha20poly1305(key, nonce, bound)
    expect(cipher().encrypt(text)).toEqual(box)
    expect(cipher().decrypt(box)).toEqual(Uint8Array.from(text))
    const changed = box.with(length, box[length] ^ 1)
    expect(() => cipher().decrypt(changed)).toThrow()
    expect(lean.sha256(text)).toEqual(sha256(text))
    expect(lean.hmac(lean.sha256, bound, text)).toEqual(hmac(sha256, bound, text))
  }
})

test('a noble that looks otherwise is not taken', () => {
  expect(() => withoutChecks('ciphers/utils', 'export const isLE = true')).toThrow(
    'read what has changed',
  )
})
