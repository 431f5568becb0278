import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { browserLifecycle, type PageState } from './lifecycle.ts'

let page: EventTarget & { hidden: boolean }
let view: EventTarget
let states: PageState[]
let stop: () => void

beforeEach(() => {
  page = Object.assign(new EventTarget(), { hidden: false })
  view = new EventTarget()
  vi.stubGlobal('document', page)
  vi.stubGlobal('window', view)
  states = []
  stop = browserLifecycle.onLifecycle((state) => states.push(state))
})

afterEach(() => vi.unstubAllGlobals())

function showPage(persisted: boolean): void {
  view.dispatchEvent(Object.assign(new Event('pageshow'), { persisted }))
}

test("every turn of a page's life is told", () => {
  page.hidden = true
  page.dispatchEvent(new Event('visibilitychange'))
  page.dispatchEvent(new Event('freeze'))
  page.dispatchEvent(new Event('resume'))
  page.hidden = false
  page.dispatchEvent(new Event('visibilitychange'))
  view.dispatchEvent(new Event('pagehide'))
  showPage(true)
  expect(states).toEqual(['hidden', 'frozen', 'resumed', 'visible', 'leaving', 'restored'])
})

test('a page that merely loads was not restored', () => {
  showPage(false)
  expect(states).toEqual([])
})

test('nothing is told after the unsubscribe', () => {
  stop()
  page.dispatchEvent(new Event('freeze'))
  view.dispatchEvent(new Event('pagehide'))
  expect(states).toEqual([])
})

test('phones and tablets are told from desktops', () => {
  const isPhone = (userAgent: string, maxTouchPoints: number) => {
    vi.stubGlobal('navigator', { userAgent, maxTouchPoints })
    return browserLifecycle.isPhone()
  }
  expect(
    isPhone(
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 Safari/604.1',
      5,
    ),
  ).toBe(true)
  expect(
    isPhone(
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
      5,
    ),
  ).toBe(true)
  expect(
    isPhone(
      'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/140.0.0.0 Mobile Safari/537.36',
      5,
    ),
  ).toBe(true)
  expect(
    isPhone(
      'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.0 Safari/605.1.15',
      0,
    ),
  ).toBe(false)
  expect(
    isPhone(
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0.0.0 Safari/537.36',
      10,
    ),
  ).toBe(false)
})
