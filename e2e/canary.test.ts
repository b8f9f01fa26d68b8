import { afterAll, beforeAll, expect, test } from 'vitest'
import { look, modes, type Planted, plan, plant, scenarios } from '../drills/canary.ts'
import { scratch } from './support.ts'

/** All scenarios in all modes with `FLOE_VOLUME=full`, or `drills/canary.ts`; else each scenario in one of the modes, in turn. */
const cases =
  process.env.FLOE_VOLUME === 'full'
    ? plan(scenarios.length * modes.length)
    : scenarios.map((scenario, index) => [scenario, modes[index % 2 === 0 ? 0 : (index >> 1) % modes.length] ?? 'json'] as const)

let work: Awaited<ReturnType<typeof scratch>>
let planted: Planted
beforeAll(async () => {
  work = await scratch('canary')
  planted = await plant(work.dir)
})
afterAll(() => work[Symbol.asyncDispose]())

test.concurrent.each(cases.map(([scenario, mode]) => [scenario.name, mode, scenario] as const))(
  'secrets, signatures, status URLs and identifiers stay out of everything that is shown or logged: %s (%s)',
  { timeout: 120_000 },
  async (_name, mode, scenario) => {
    expect(await look(planted, scenario, mode)).toEqual([])
  },
)
