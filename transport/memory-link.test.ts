import { describe, test } from 'vitest'
import { linkCases } from './link-conformance.ts'
import { memoryLinkPair } from './memory-link.ts'

describe('a memory link is a Link:', () => {
  for (const { name, run } of linkCases) test(name, () => run(...memoryLinkPair()))
})
