import { joinRoom, onOtherRoom } from 'baton-relay'

const room = joinRoom()
onOtherRoom(room, () => location.reload())
const output = document.querySelector('output')

let off = () => {}
function count() {
  let sum = 0
  let messages = 0
  off()
  off = room.subscribe('clicks', ({ value, seq }) => {
    sum = value.sum ?? sum + value.add // a folded value stands for all that came before it
    output.textContent = sum
    messages += 1
    if (messages % 100 > 0 || room.status.role !== 'host') return
    room.compact('clicks', seq, { sum }).catch(() => {}) // the room changed hands meanwhile: the next time will do
  }, { replay: true })
}
count()
room.on('reset', count)

document.querySelector('button').onclick = () => {
  room.append('clicks', { add: 1 }).catch(({ message }) => { output.textContent = message })
}
