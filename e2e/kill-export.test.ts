import { expect, test } from 'vitest'
import { drill } from '../drills/kill-export.ts'

/** Few in every run; fifty with `FLOE_VOLUME=full`, or `drills/kill-export.ts`. */
const points = process.env.FLOE_VOLUME === 'full' ? 50 : 5

test(`kill -9 at ${points} random moments, then the same command again`, { timeout: 60_000 + points * 10_000 }, async () => {
  const report = await drill({ points, seed: 7 })
  expect(report).toMatchObject({ points, refetched: 0, secondKickoffs: 0, differing: 0, jobsLeft: 0 })
  expect(report.said).toBe(report.lost)
})
