import { hostname } from 'node:os'
import { describe, expect, test } from 'vitest'
import { HostNames, nameIn } from './host-names.ts'

const of = (host: string, more: { names?: string[]; origins?: string[] } = {}) =>
  new HostNames({ host, names: [], origins: [], ...more })

const LOOPBACK = [
  'localhost',
  'localhost:8080',
  'LocalHost.:80',
  'room.localhost:8080',
  '127.0.0.1:8080',
  '127.1.2.3',
  '[::1]',
  '[::1]:8080',
]
const STRANGE = [
  'rebound.example',
  'rebound.example:8080',
  'localhost.rebound.example',
  '127.0.0.1.rebound.example',
  'notlocalhost',
  `${hostname()}.rebound.example`,
]
const NO_HOST = ['', ' ', ':8080', 'a b', 'localhost/', 'me@localhost', '[::1', 'localhost:99999']

describe('[SG6f] a service that this machine alone reaches', () => {
  test.each(LOOPBACK)('answers to %s', (host) => expect(of('127.0.0.1').admit(host)).toBe(true))

  test.each([...STRANGE, ...NO_HOST, '10.0.0.7:8080', '0.0.0.0', '[fe80::1]', 'box.local'])(
    'answers not to %s',
    (host) => expect(of('127.0.0.1').admit(host)).toBe(false),
  )

  test('answers to who names nothing: that is no browser', () =>
    expect(of('127.0.0.1').admit(undefined)).toBe(true))

  test.each(['localhost', '::1', '127.0.0.2'])('is one that listens to %s', (host) =>
    expect(of(host).admit('10.0.0.7')).toBe(false),
  )
})

describe('[SG6f] a service that others reach', () => {
  const lan = of('0.0.0.0')
  const [box = ''] = hostname().split('.')

  test.each([...LOOPBACK, '10.0.0.7:8080', '[fe80::1]:8080', hostname(), box, `${box}.local:80`])(
    'answers to %s',
    (host) => expect(lan.admit(host)).toBe(true),
  )

  test.each([...STRANGE, ...NO_HOST])('answers not to %s', (host) =>
    expect(lan.admit(host)).toBe(false),
  )

  test('answers to the name that it listens to', () =>
    expect(of('Box.example').admit('box.example:8080')).toBe(true))
})

describe('[SG6f] the operator', () => {
  const named = of('127.0.0.1', { names: ['Game.example'], origins: ['https://page.example:8443'] })

  test.each(['game.example', 'GAME.example:443', 'page.example', 'page.example:80'])(
    'can let a service answer to %s',
    (host) => expect(named.admit(host)).toBe(true),
  )

  test('can let it answer to all names below one', () => {
    const below = of('127.0.0.1', { origins: ['https://*.page.example', 'null', 'tauri://box'] })
    expect(below.admit('a.page.example:443')).toBe(true)
    for (const host of ['page.example', 'apage.example', 'box', 'null'])
      expect([host, below.admit(host)]).toEqual([host, false])
  })

  test.each(STRANGE)('lets it not answer to %s by that', (host) =>
    expect(named.admit(host)).toBe(false),
  )
})

test('[SG6f] a host is read as a browser would read it', () => {
  expect(nameIn('EXAMPLE.org.:80')).toBe('example.org')
  expect(nameIn('[0:0::0:1]:80')).toBe('[::1]')
  expect(nameIn('0x7f.1')).toBe('127.0.0.1')
})
