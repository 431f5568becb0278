// Owns a network of a test's own: a namespace for each browser and one for signaling, joined by a bridge on which
// single directions can be cut. Needs root, iproute2 and nftables; touches nothing outside its namespaces.

import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { Server } from '../stage.ts'
import { Chromium } from '../chromium.ts'

/** Where in the lab: 0 is signaling, browsers count from 1. */
export type Place = number

export const SIGNALING: Place = 0

/** In a network of its own nobody else has these addresses. */
const addressOf = (place: Place) => `10.77.0.${place + 1}`

let labs = 0

export class Lab {
  readonly #bridge: string
  readonly #places: readonly string[]

  private constructor(bridge: string, places: readonly string[]) {
    this.#bridge = bridge
    this.#places = places
  }

  /** Builds a place for signaling and one for each browser. */
  static open(browsers: number): Lab {
    const name = `baton-${process.pid}-${++labs}`
    const lab = new Lab(
      name,
      Array.from({ length: browsers + 1 }, (_, place) => `${name}-${place}`),
    )
    try {
      lab.#build()
    } catch (error) {
      lab.close()
      throw error
    }
    return lab
  }

  #build(): void {
    run('ip', 'netns', 'add', this.#bridge)
    this.#inBridge('ip', 'link', 'add', 'bridge0', 'type', 'bridge')
    this.#inBridge('ip', 'link', 'set', 'bridge0', 'up')
    this.#places.forEach((name, place) => {
      run('ip', 'netns', 'add', name)
      this.#inBridge(
        'ip',
        'link',
        'add',
        portOf(place),
        'type',
        'veth',
        'peer',
        'name',
        'eth0',
        'netns',
        name,
      )
      this.#inBridge('ip', 'link', 'set', portOf(place), 'master', 'bridge0', 'up')
      const inPlace = (...command: [string, ...string[]]) => run(...this.#under(place), ...command)
      inPlace('ip', 'addr', 'add', `${addressOf(place)}/24`, 'dev', 'eth0')
      inPlace('ip', 'link', 'set', 'eth0', 'up')
      inPlace('ip', 'link', 'set', 'lo', 'up')
      inPlace('ip', 'route', 'add', 'default', 'via', addressOf(SIGNALING))
    })
    this.#inBridge(
      'nft',
      'add table bridge lab; add chain bridge lab links { type filter hook forward priority 0; policy accept; }',
    )
  }

  startSignaling(port = 0, flags: readonly string[] = []): Promise<Server> {
    return Server.start({ port, flags, under: this.#under(SIGNALING), host: addressOf(SIGNALING) })
  }

  launch(place: Place): Promise<Chromium> {
    // Names of hidden addresses travel by multicast, which a cut would have to know of.
    return this.launchHidden(place, ['WebRtcHideLocalIpsWithMdns'])
  }

  /** A browser as people have it: it tells others names of mDNS in the place of its addresses. */
  launchHidden(place: Place, without: readonly string[] = []): Promise<Chromium> {
    return Chromium.launch({ under: this.#under(place), without })
  }

  /** Drops names of mDNS, as many guest and school networks do. */
  filterMulticast(): void {
    this.#inBridge('nft', 'add rule bridge lab links ip daddr 224.0.0.251 drop')
  }

  /** Drops what goes from the one place to the other. */
  cutOneWay(from: Place, to: Place): void {
    this.#inBridge(
      'nft',
      `add rule bridge lab links iifname ${portOf(from)} oifname ${portOf(to)} drop`,
    )
  }

  cut(a: Place, b: Place): void {
    this.cutOneWay(a, b)
    this.cutOneWay(b, a)
  }

  /** Cuts each of these places off from each of those. */
  part(these: readonly Place[], those: readonly Place[]): void {
    for (const a of these) for (const b of those) this.cut(a, b)
  }

  heal(): void {
    this.#inBridge('nft', 'flush chain bridge lab links')
  }

  /** Call this after every process in the lab has ended. */
  close(): void {
    const built = new Set(readdirSync('/run/netns'))
    for (const name of [...this.#places, this.#bridge])
      if (built.has(name)) run('ip', 'netns', 'del', name)
  }

  #under(place: Place): [string, ...string[]] {
    return ['ip', 'netns', 'exec', this.#places[place]!]
  }

  #inBridge(...command: [string, ...string[]]): void {
    run('ip', 'netns', 'exec', this.#bridge, ...command)
  }
}

function portOf(place: Place): string {
  return `to-${place}`
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })
}
