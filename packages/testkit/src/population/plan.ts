import { calendarDay, DAY, HOUR, type Minutes } from './clock.ts'
import { respiratoryConditions } from './codes/acute-respiratory.ts'
import { followups, illnesses } from './illness.ts'
import type { Person } from './person.ts'
import { pregnancies } from './pregnancy.ts'
import { shots, wellness } from './prevention.ts'
import { addVisit, type Plan, type Visit } from './visit.ts'

const pneumonia = respiratoryConditions.find(({ key }) => key === 'pneumonia')

/**
 * Plans a person's contacts with care between two times, in order.
 *
 * Plans of different periods are independent: asking for a later one changes nothing in the earlier one.
 */
export function planVisits(person: Person, from: Minutes, until: Minutes): Visit[] {
  const begin = Math.max(from, person.since)
  const end = Math.min(until, person.death ?? until)
  if (begin >= end) return []
  const plan: Plan = { person, random: person.random.fork(Math.floor(from / DAY)), from: begin, until: end, visits: [] }
  const lastYear = calendarDay(end).year
  for (let year = calendarDay(begin).year - 1; year <= lastYear; year++) {
    wellness(plan, year)
    followups(plan, year)
    illnesses(plan, year)
    shots(plan, year)
    pregnancies(plan, year)
  }
  if (person.admitted !== undefined)
    addVisit(plan, 'inpatient', person.admitted, { ...(pneumonia === undefined ? {} : { acute: pneumonia }), end: 6 * DAY })
  const visits = plan.visits.sort((a, b) => a.at - b.at)
  return withoutOverlaps(visits)
}

/** Nobody is in two places at once, and nobody comes back after a fatal stay. */
function withoutOverlaps(visits: readonly Visit[]): Visit[] {
  const kept: Visit[] = []
  let free = Number.NEGATIVE_INFINITY
  for (const visit of visits) {
    if (visit.at < free) continue
    kept.push(visit)
    if (visit.fatal) break
    free = visit.kind === 'inpatient' || visit.kind === 'delivery' ? visit.end + DAY : visit.end + 3 * HOUR
  }
  return kept
}
