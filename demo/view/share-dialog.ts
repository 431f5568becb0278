// Owns the share dialog: the link, its QR code drawn here, and copying that works on a plain-http network page.

import { linkTo, type Room } from '../../client/index.ts'
import { qrPath } from '../../client/react/qr-path.ts'
import { button, byId, makeSvg, setText } from './dom.ts'
import { closesOutside } from './dialogs.ts'

export function openAnotherTab(): void {
  // Without an opener the new tab gets a process and a name of its own, so that closing this one leaves it alone.
  window.open(location.href, '_blank', 'noopener')
}

export function createShareDialog(room: () => Room | null): { open(): void } {
  const dialog = byId('share', HTMLDialogElement)
  const link = byId('share-link', HTMLInputElement)
  const copied = byId('share-copied', HTMLElement)
  closesOutside(dialog)
  link.addEventListener('focus', () => link.select())
  button('share-tab').addEventListener('click', openAnotherTab)
  button('share-copy').addEventListener('click', () => {
    void copy(link).then((done) =>
      setText(copied, done ? 'Link copied.' : 'Press Ctrl+C or ⌘C to copy the selected link.'),
    )
  })
  return {
    open() {
      const joined = room()
      link.value = joined === null ? location.href : linkTo(joined)
      setText(copied, '')
      byId('share-local', HTMLElement).hidden = !['localhost', '127.0.0.1', '[::1]'].includes(
        new URL(link.value).hostname,
      )
      drawQr(link.value)
      dialog.showModal()
      button('share-copy').focus()
    },
  }
}

/** Pages served over plain http have no clipboard API; the old command still works on a selected field. */
async function copy(field: HTMLInputElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(field.value)
    return true
  } catch {
    field.focus()
    field.select()
    return document.execCommand('copy')
  }
}

function drawQr(text: string): void {
  const { d, size } = qrPath(text)
  const svg = byId('qr', SVGSVGElement)
  svg.setAttribute('viewBox', `0 0 ${size} ${size}`)
  svg.replaceChildren(makeSvg('path', { d, fill: '#14201a', 'shape-rendering': 'crispEdges' }))
}
