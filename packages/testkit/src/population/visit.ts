import { DAY, type Minutes, officeHours } from './clock.ts'
import type { AcuteCondition } from './codes/acute.ts'
import type { VaccineKey } from './codes/vaccines.ts'
import { type VisitKind, visitCodes } from './codes/visits.ts'
import type { Person } from './person.ts'
import type { Random } from './random.ts'

/** One contact with care, before anything is written about it. */
export interface Visit {
  readonly kind: VisitKind
  readonly at: Minutes
  readonly end: Minutes
  readonly acute?: AcuteCondition
  readonly vaccines: readonly VaccineKey[]
  readonly pregnancy?: Pregnancy
  readonly fatal?: boolean
  /** The stream of everything that is written about it. */
  readonly random: Random
}

export interface Pregnancy {
  /** Id of its Condition, written at the first prenatal visit. */
  readonly id: string
  readonly began: Minutes
  readonly due: Minutes
}

/** A person's plan while it is being made. */
export interface Plan {
  readonly person: Person
  readonly random: Random
  readonly from: Minutes
  readonly until: Minutes
  readonly visits: Visit[]
}

/** Puts a visit into the plan, at a time that suits its kind; nothing outside the plan's period. */
export function addVisit(
  plan: Plan,
  kind: VisitKind,
  day: Minutes,
  more: Partial<Pick<Visit, 'acute' | 'vaccines' | 'pregnancy' | 'end' | 'fatal'>> = {},
): void {
  const random = plan.random.fork(plan.visits.length + 1)
  const { site, minutes } = visitCodes[kind]
  const at = site === 'hospital' ? Math.floor(day / DAY) * DAY + random.between(0, DAY - 1) : officeHours(day, random.next())
  if (at < plan.from || at >= plan.until || at < plan.person.birth) return
  const end = at + (more.end ?? random.between(minutes[0], minutes[1]))
  plan.visits.push({ kind, at, vaccines: [], random, ...more, end })
}
