/** The drill of `drills/kill-lake.ts`, short: one kill in each of load, upsert, compaction and rebuild. */
import { expect, test } from 'vitest'
import { drill } from '../../drills/kill-lake.ts'

test('whatever is killed, the lake is whole, and the same command again ends as if undisturbed', async () => {
  const { points, before, after } = await drill({ points: 4, seed: 7, lines: 200 })
  expect([points, before + after]).toEqual([4, 4])
})
