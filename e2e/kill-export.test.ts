import { expect, test } from 'vitest'
import { drill } from '../drills/kill-export.ts'

/** Few in every run; fifty with `FLOE_VOLUME=full`, or `drills/kill-export.ts`. */
const points = process.env.FLOE_VOLUME === 'full' ? 50 : 3

test(`kill -9 at ${points} random moments, then the same command again`, { timeout: 60_000 + points * 10_000 }, async () => {
  expect(await drill({ points, seed: 7 })).toMatchObject({ points, refetched: 0, secondKickoffs: 0, differing: 0, jobsLeft: 0 })
})
