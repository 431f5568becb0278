import { expect, test, vi } from 'vitest'
import { ownMembers } from './own-members.ts'

class Base {
  readonly name: string
  #count = 1

  constructor(name: string) {
    this.name = name
    ownMembers(this)
  }

  get count(): number {
    return this.#count
  }

  add(step: number): number {
    this.#count += step
    return this.#count
  }
}

class Doubling extends Base {
  double(): number {
    return this.add(this.count)
  }
}

test('methods and getters work behind a Proxy, those of its own class and of the one above', () => {
  const object = new Doubling('a')
  const wrapped = new Proxy(object, {})
  expect([wrapped.add(1), wrapped.double(), wrapped.count, wrapped.name]).toEqual([2, 4, 4, 'a'])
  expect(object.count).toBe(4)
})

test('methods work when they are taken out of their object', () => {
  const object = new Doubling('a')
  const { add, double } = object
  add(1)
  expect([double(), object.count]).toEqual([4, 4])
})

test('an object takes nothing more, keeps its class and names its own fields alone', () => {
  const object = new Doubling('a')
  expect(Object.isExtensible(object)).toBe(false)
  expect(object).toBeInstanceOf(Doubling)
  expect(object.constructor).toBe(Doubling)
  expect(Object.keys(object)).toEqual(['name'])
})

test('a test of an app can still watch a method', () => {
  const object = new Base('a')
  const watched = vi.spyOn(object, 'add')
  expect(object.add(2)).toBe(3)
  expect(watched).toHaveBeenCalledWith(2)
})
