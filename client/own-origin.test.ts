import { afterEach, expect, test, vi } from 'vitest'
import { ownOrigin } from './own-origin.ts'

const ADDRESS = { origin: 'https://a.example' }

afterEach(() => vi.unstubAllGlobals())

test('the origin of a sandboxed frame is none, whatever its address says', () => {
  vi.stubGlobal('self', { origin: 'null' })
  vi.stubGlobal('location', ADDRESS)
  expect(ownOrigin()).toBe('null')
})

test('where a page of a test runner knows no origin of its own, it is that of its address', () => {
  vi.stubGlobal('self', {})
  vi.stubGlobal('location', ADDRESS)
  expect(ownOrigin()).toBe('https://a.example')
})
