import { attend, type OpenVisit } from './attend.ts'
import { writeCoverage } from './billing.ts'
import { type Chart, openChart } from './chart.ts'
import type { Minutes } from './clock.ts'
import { writeEpisodes } from './episode.ts'
import { writePatient } from './patient.ts'
import type { Person } from './person.ts'
import { planVisits } from './plan.ts'
import type { Recorder, Written } from './recorder.ts'
import type { World } from './world.ts'

/** Writes the record of one person from its beginning to `asOf`. */
export function writeHistory(options: {
  person: Person
  world: World
  recorder: Recorder
  from: Minutes
  asOf: Minutes
  written?: Written[]
}): { chart: Chart; open: OpenVisit[] } {
  const { person, world, recorder, from, asOf, written } = options
  const visits = planVisits(person, from, asOf)
  const last = visits.at(-1)
  const death = last?.fatal === true ? last.end : person.death
  const chart = openChart({ person, world, recorder, until: asOf, death, written })
  writePatient(chart, asOf)
  writeCoverage(chart)
  const open: OpenVisit[] = []
  visits.forEach((visit, i) => {
    const left = attend(chart, visit, i === 0)
    if (left !== undefined) open.push(left)
  })
  writeEpisodes(chart)
  return { chart, open }
}
