// Owns the keys that work anywhere on the page, except where somebody types.

export type KeyEvents = {
  note(): void
  pen(): void
  penAway(): void
}

export function listenToKeys(events: KeyEvents): void {
  addEventListener('keydown', (event) => {
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.defaultPrevented ||
      isTyping(event.target)
    )
      return
    if (
      document.querySelector('dialog[open]') !== null ||
      document.body.dataset['status'] === 'closed'
    )
      return
    switch (event.key.toLowerCase()) {
      case 'n':
        event.preventDefault() // Else the letter lands in the note that it opens.
        return events.note()
      case 'd':
        return events.pen()
      case 'escape':
        return events.penAway()
    }
  })
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.matches('input:not([type=radio]), textarea, select, [contenteditable]')
  )
}
