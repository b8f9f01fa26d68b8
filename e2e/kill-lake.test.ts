import { expect, test } from 'vitest'
import { drill } from '../drills/kill-lake.ts'

/** Each step once with `FLOE_VOLUME=full`; fifty points: `drills/kill-lake.ts`. */
const full = process.env.FLOE_VOLUME === 'full'

test.runIf(full)('kill -9 in each step that changes a lake, then the same step again', { timeout: 600_000 }, async () => {
  expect(await drill({ points: 8, seed: 7, lines: 1000 })).toMatchObject({ points: 8 })
})
