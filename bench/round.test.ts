import { expect, test } from 'vitest'
import { measureRow } from './round.ts'
import { less, type Contender, type Row } from './row.ts'
import type { Stage } from './stage/stage.ts'

const stage = {} as Stage

function rowOf(opens: Row['opens'], contenders: readonly Contender[]): Row {
  return {
    name: 'a-row',
    title: '',
    boundBy: '',
    rounds: 1,
    opens,
    figures: [less('p50', 'ms', 'ms')],
    contenders: () => contenders,
  }
}

function contender(name: string, diary: string[], failsAt = Infinity): Contender {
  const open = async () => {
    diary.push(`open ${name}`)
    let rounds = 0
    const measure = async () => {
      rounds++
      if (rounds === failsAt) throw new Error('too tired')
      diary.push(name)
      return { ms: [rounds] }
    }
    const close = async () => {
      diary.push(`close ${name}`)
    }
    return { measure, close }
  }
  return { name, kind: 'other', open }
}

test('contenders are open for the whole row, and each begins a round in turn', async () => {
  const diary: string[] = []
  await measureRow(rowOf('row', [contender('a', diary), contender('b', diary)]), stage, 2)
  expect(diary).toEqual(['open a', 'a', 'open b', 'b', 'b', 'a', 'close a', 'close b'])
})

test('contenders that open for a round are alone in it', async () => {
  const diary: string[] = []
  await measureRow(rowOf('round', [contender('a', diary), contender('b', diary)]), stage, 1)
  expect(diary).toEqual(['open a', 'a', 'close a', 'open b', 'b', 'close b'])
})

test('who fails is closed and left out, with the reason; the others go on', async () => {
  const diary: string[] = []
  const row = rowOf('row', [contender('a', diary, 2), contender('b', diary)])
  const { contenders } = await measureRow(row, stage, 3)
  expect(contenders.map(({ rounds, failed }) => [rounds.length, failed])).toEqual([
    [1, 'too tired'],
    [3, null],
  ])
  expect(diary.filter((line) => line === 'close a')).toHaveLength(1)
})
