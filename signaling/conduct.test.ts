import { expect, test } from 'vitest'
import { Conduct } from './conduct.ts'
import { BAD_FRAMES_MAX, BAD_FRAMES_WINDOW_MS, BYTES_BURST, MESSAGES_BURST, MESSAGES_PER_SECOND } from './limits.ts'

/** Conduct after a burst that used up all it may. */
function exhausted(): Conduct {
  const conduct = new Conduct(0)
  for (let i = 0; i < MESSAGES_BURST; i++) expect(conduct.frame(100, 0)).toBe('pass')
  return conduct
}

test('[SG6] a burst passes, and then so many messages a second', () => {
  const conduct = exhausted()
  for (let second = 1; second <= 3; second++) {
    for (let i = 0; i < MESSAGES_PER_SECOND; i++) expect(conduct.frame(100, second * 1_000)).toBe('pass')
  }
})

test('[SG6] the first excess is warned of, what was on its way is dropped, the next closes', () => {
  const conduct = exhausted()
  expect(conduct.frame(100, 0)).toBe('warn')
  for (let i = 0; i < 1_000; i++) expect(conduct.frame(100, 1)).toBe('drop')
  for (let i = 0; i < MESSAGES_PER_SECOND; i++) expect(conduct.frame(100, 1_001)).toBe('pass')
  expect(conduct.frame(100, 1_001)).toBe('expel')
})

test('[SG6] a warning is forgotten after a minute', () => {
  const conduct = exhausted()
  conduct.frame(100, 0)
  for (let i = 0; i < MESSAGES_BURST; i++) conduct.frame(100, 60_001)
  expect(conduct.frame(100, 60_001)).toBe('warn')
})

test('[SG6] bytes count as messages do', () => {
  const conduct = new Conduct(0)
  expect(conduct.frame(BYTES_BURST, 0)).toBe('pass')
  expect(conduct.frame(1, 0)).toBe('warn')
})

test('[SG6] a few bad frames are tolerated, as many again after a while', () => {
  const conduct = new Conduct(0)
  for (let i = 1; i < BAD_FRAMES_MAX; i++) expect(conduct.toleratesBadFrame(0)).toBe(true)
  for (let i = 1; i < BAD_FRAMES_MAX; i++) expect(conduct.toleratesBadFrame(BAD_FRAMES_WINDOW_MS)).toBe(true)
  expect(conduct.toleratesBadFrame(BAD_FRAMES_WINDOW_MS)).toBe(false)
})
