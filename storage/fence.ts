// Owns whose batches count where several tabs have one copy open: those of the last one that took the fence. It does
// not know what is written. [PE13]
//
// The fence is a number, and a row for each number that was taken. Whoever took n writes where n + 1 was not taken.

import { StoreError, type Place, type Store } from './store.ts'

const NUMBER_BYTES = 6
/** Rows that stay behind the latest: a tab that slept while so many others opened the room is believed to be gone. */
const ROWS_KEPT = 1_024
const NOTHING = new Uint8Array(0)

/** Answers the place that is to be empty when this tab writes. `area`: where the rows of the fence lie. */
export async function takeFence(store: Store, area: Place): Promise<Place> {
  const [latest] = await store.read(placeOf(area, 0), endOf(area), { backwards: true, limit: 1 })
  const number = latest === undefined ? 1 : numberIn(latest[0]) + 1
  const own = placeOf(area, number)
  const forgotten = placeOf(area, Math.max(0, number - ROWS_KEPT))
  try {
    const batch = [
      { put: own, bytes: NOTHING },
      { deleteFrom: placeOf(area, 0), to: forgotten },
    ]
    await store.write(batch, own)
    return placeOf(area, number + 1)
  } catch (error) {
    const wasTaken = error instanceof StoreError && error.problem === 'fenced'
    if (!wasTaken) throw error
    return takeFence(store, area)
  }
}

function placeOf(area: Place, number: number): Place {
  const place = new Uint8Array(area.length + NUMBER_BYTES)
  place.set(area)
  new DataView(place.buffer).setUint16(area.length, Math.floor(number / 2 ** 32))
  new DataView(place.buffer).setUint32(area.length + 2, number % 2 ** 32)
  return place
}

function endOf(area: Place): Place {
  return new Uint8Array([...area, ...new Uint8Array(NUMBER_BYTES + 1).fill(255)])
}

function numberIn(place: Place): number {
  const view = new DataView(place.buffer, place.byteOffset + place.length - NUMBER_BYTES)
  return view.getUint16(0) * 2 ** 32 + view.getUint32(2)
}
