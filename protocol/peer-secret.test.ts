import { createHash, randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import { isPeerId } from './ids.ts'
import { drawPeerName, peerIdOf } from './peer-secret.ts'

test('[SG3d] a peer id is the hash of its secret, as the service computes it', () => {
  const { peer, secret } = drawPeerName(randomBytes)
  expect(isPeerId(peer) && isPeerId(secret)).toBe(true)
  expect(peer).toBe(
    createHash('sha256').update(secret).digest().subarray(0, 16).toString('base64url'),
  )
})

test('[SG3d] the hash is pinned', () => {
  expect(peerIdOf('A'.repeat(22))).toBe('ilvbTMFRZBJsbvJmjendJA')
})
