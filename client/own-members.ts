// Owns how what an app holds works wherever the app keeps it: behind a Proxy of a framework, or in pieces.

/**
 * Ties the methods and getters of an object to that object, whose private members nobody else has:
 * - a Proxy around the object would call them with itself as `this`;
 * - a method that an app took out of the object would be called without `this`.
 *
 * Nothing can be added to the object from then on: Vue and Alpine put no Proxy around such an object.
 */
export function ownMembers(object: object): void {
  let type = Object.getPrototypeOf(object) as object
  while (type !== Object.prototype) {
    const { constructor: _, ...members } = Object.getOwnPropertyDescriptors(type)
    for (const member of Object.values(members)) {
      const kind = member.get === undefined ? 'value' : 'get'
      member[kind] = member[kind].bind(object)
    }
    Object.defineProperties(object, members)
    type = Object.getPrototypeOf(type) as object
  }
  Object.preventExtensions(object)
}
