// Owns the few ways in which the views touch the document. Text goes in as text, never as markup.

type Attributes = Readonly<Record<string, string>>

/** The element that index.html holds under this id. */
export function byId<E extends Element>(id: string, type: new () => E): E {
  const element = document.getElementById(id)
  if (!(element instanceof type))
    throw new Error(`index.html holds no ${type.name} with id "${id}".`)
  return element
}

export function button(id: string): HTMLButtonElement {
  return byId(id, HTMLButtonElement)
}

export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

export function makeSvg<Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
): SVGElementTagNameMap[Tag] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

/** Writes only what differs: an unchanged live region must stay silent, and a selection in the text stand. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text
}

/**
 * Keeps one element per key, in the order of the entries: makes what is new, updates all, removes what is gone.
 * Elements already in order are not moved, so that focus stays where it is.
 */
export function keyed<T, E extends Element>(
  parent: Element,
  known: Map<string, E>,
  entries: ReadonlyMap<string, T>,
  create: (key: string, value: T) => E,
  update: (element: E, value: T, key: string) => void,
): void {
  for (const [key, element] of known) {
    if (entries.has(key)) continue
    element.remove()
    known.delete(key)
  }
  let next = parent.firstElementChild
  for (const [key, value] of entries) {
    const element = known.get(key) ?? create(key, value)
    known.set(key, element)
    update(element, value, key)
    if (element === next) next = next.nextElementSibling
    else parent.insertBefore(element, next)
  }
}
