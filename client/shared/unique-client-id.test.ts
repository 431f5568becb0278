import { afterEach, expect, test, vi } from 'vitest'

/** A page of a tab: its own run of the code over the tab's storage. */
async function open(storage: Map<string, string>): Promise<{
  readonly id: string
  readonly again: string
  readonly other: string
  fire(event: string, fields?: object): void
}> {
  const listeners: [string, (event: object) => void][] = []
  vi.resetModules()
  vi.stubGlobal('sessionStorage', {
    getItem: (item: string) => storage.get(item) ?? null,
    setItem: (item: string, id: string) => void storage.set(item, id),
    removeItem: (item: string) => void storage.delete(item),
  })
  vi.stubGlobal('addEventListener', (event: string, listener: (event: object) => void) =>
    listeners.push([event, listener]),
  )
  const { uniqueClientId } = await import('./unique-client-id.ts')
  return {
    id: uniqueClientId(),
    again: uniqueClientId(),
    other: uniqueClientId({ name: 'other' }),
    fire: (event, fields = {}) =>
      listeners.forEach(([name, listener]) => (name === event ? listener(fields) : undefined)),
  }
}

afterEach(() => vi.unstubAllGlobals())

test('a page has one id of each name', async () => {
  const page = await open(new Map())
  expect(page.id).toMatch(/^[\w-]{22}$/)
  expect(page.again).toBe(page.id)
  expect(page.other).not.toBe(page.id)
})

test('a reload keeps it', async () => {
  const tab = new Map<string, string>()
  const page = await open(tab)
  page.fire('pagehide')
  expect(await open(tab)).toMatchObject({ id: page.id, other: page.other })
})

test('a duplicate of the tab gets its own, also of a tab that came back from the back/forward cache', async () => {
  const tab = new Map<string, string>()
  const page = await open(tab)
  expect((await open(new Map(tab))).id).not.toBe(page.id)
  page.fire('pagehide')
  page.fire('pageshow', { persisted: true })
  expect((await open(new Map(tab))).id).not.toBe(page.id)
})

test('without storage it lasts as long as the page', async () => {
  vi.resetModules()
  vi.stubGlobal('sessionStorage', undefined)
  const { uniqueClientId } = await import('./unique-client-id.ts')
  expect(uniqueClientId()).toBe(uniqueClientId())
})
