// Owns the keys that work anywhere on the page, except where somebody types.

export type KeyEvents = {
  note(): void
  pen(): void
  penAway(): void
}

export function listenToKeys(events: KeyEvents): void {
  addEventListener('keydown', (event) => {
    const isCommand = event.ctrlKey || event.metaKey || event.altKey
    if (isCommand || event.defaultPrevented || isTyping(event.target)) return
    const isInDialog = document.querySelector('dialog[open]') !== null
    if (isInDialog || document.body.dataset['status'] === 'closed') return
    switch (event.key.toLowerCase()) {
      case 'n':
        event.preventDefault() // else the letter lands in the note that opens
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
