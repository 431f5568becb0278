// Follows docs/guides/vite.md.

import { blockOf, blocksOf } from './guide.ts'
import { seeItShared } from './together.ts'
import { test, type Walk } from './walk.ts'

const GUIDE = 'guides/vite'

/** The page of the other guide, with the first two lines of this one. */
async function written(newWalk: (guide: string) => Walk): Promise<Walk> {
  const walk = newWalk(GUIDE)
  await walk.follow('Begin')
  const page = blocksOf('guides/static-page').filter(({ heading }) => heading === 'Write the page')
  for (const { file, text } of page) walk.write(file!.replace('public/', ''), text)
  const [baton = '', text = ''] = blockOf(GUIDE, 'Write the page', 'js').split('\n')
  walk.edit('main.js', {
    "import { joinRoom, linkTo, onOtherRoom, presence, sharedReducer } from './baton.js'": baton,
    "import { sharedText } from './baton-text.js'": text,
  })
  return walk
}

test("a counter, a text and cursors are shared on a page of Vite's server", async ({
  browser,
  newWalk,
}) => {
  const walk = await written(newWalk)
  await seeItShared(browser, await walk.follow('Open it'))
})

test('the built page does the same, also below a path', async ({ browser, newWalk }) => {
  const walk = await written(newWalk)
  await seeItShared(browser, await walk.follow('Build it'))
  const line = blockOf(GUIDE, 'Below a path', 'js').trimEnd()
  walk.edit('main.js', { 'const room = joinRoom()': line })
  await seeItShared(browser, await walk.follow('Below a path'))
})
