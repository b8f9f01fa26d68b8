import { expect, test } from 'vitest'
import { sourceUis } from './source-ui.ts'
import type { LiveView, Ui } from './ui/ui.ts'

/** What the live parts of some sources come to together, each with so many lines. */
function together(sources: Record<string, number>): readonly string[] {
  let drawn: LiveView | undefined
  const live = (view: LiveView): void => {
    drawn = view
  }
  const ui = { live } as Partial<Ui> as Ui
  const uis = sourceUis(ui)
  for (const [source, count] of Object.entries(sources)) {
    const lines = Array.from({ length: count }, (_, index) => ` ${source}${index}`)
    uis.of(source, () => {}).live({ lines: () => lines, plain: () => ` files ${count}` })
  }
  return drawn?.lines(80) ?? []
}

test('a few sources stand under each other as they are', () => {
  expect(together({ a: 2, b: 1 })).toEqual([' a', ' a0', ' a1', ' b', ' b0'])
})

test('no source is pushed out of sight by the files of another', () => {
  const lines = together({ a: 17, b: 17, c: 3 })
  expect(lines).toHaveLength(16)
  expect(lines.filter((line) => /^ [abc]$/.test(line))).toEqual([' a', ' b', ' c'])
  expect(lines[5]).toBe('   and 13 more')
})

test('many sources have a line each', () => {
  const lines = together(Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`s${index}`, 5])))
  expect(lines).toHaveLength(12)
  expect(lines[11]).toBe(' s11: files 5')
})
