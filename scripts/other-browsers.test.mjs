import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test, vi } from 'vitest'
import { findFirefox, findWebKitGtk } from './other-browsers.mjs'

const folder = mkdtempSync(join(tmpdir(), 'baton-found-'))
const file = (name, text) => {
  writeFileSync(join(folder, name), text)
  return join(folder, name)
}

afterEach(() => vi.unstubAllEnvs())
afterAll(() => rmSync(folder, { recursive: true }))

describe('browsers beside Chromium', () => {
  test('are taken from where they are named', () => {
    const path = file('fox', 'a browser')
    vi.stubEnv('FIREFOX_PATH', path)
    expect(findFirefox()).toEqual({ path })
  })

  test('are found on the PATH', () => {
    vi.stubEnv('FIREFOX_PATH', '')
    vi.stubEnv('PATH', folder)
    const path = file('firefox', 'a browser')
    expect(findFirefox()).toEqual({ path })
    rmSync(path)
  })

  test('are left out where they are to be', () => {
    vi.stubEnv('FIREFOX_PATH', 'none')
    vi.stubEnv('WEBKITGTK_DRIVER', 'none')
    expect(findFirefox().missing).toContain('FIREFOX_PATH is "none"')
    expect(findWebKitGtk().missing).toContain('WEBKITGTK_DRIVER is "none"')
  })

  test('that are nowhere are named with how to install them', () => {
    vi.stubEnv('FIREFOX_PATH', '')
    vi.stubEnv('WEBKITGTK_DRIVER', '')
    vi.stubEnv('PATH', folder)
    expect(findWebKitGtk().missing).toMatch(
      /no WebKitWebDriver and no Xvfb.*webkit2gtk-driver xvfb/,
    )
    if (process.platform === 'linux')
      expect(findFirefox().missing).toContain('sudo apt-get install firefox-esr')
  })

  test('that are not where they are named are an error', () => {
    vi.stubEnv('FIREFOX_PATH', join(folder, 'nothing'))
    expect(findFirefox).toThrow(/FIREFOX_PATH is set to .*nothing, where there is no file/)
  })

  test('that a snap keeps to itself are left out', () => {
    vi.stubEnv('FIREFOX_PATH', file('wrapper', '#!/bin/sh\nexec /snap/bin/firefox "$@"\n'))
    expect(findFirefox().missing).toContain('is a snap')
  })
})
