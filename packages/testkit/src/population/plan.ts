import { calendarDay, DAY, dayOf, HOUR, type Minutes, officeHours, YEAR } from './clock.ts'
import type { AcuteCondition } from './codes/acute.ts'
import { otherAcuteConditions } from './codes/acute-other.ts'
import { respiratoryConditions } from './codes/acute-respiratory.ts'
import { childhoodSchedule, type VaccineKey } from './codes/vaccines.ts'
import { type VisitKind, visitCodes } from './codes/visits.ts'
import { ageAt, caseOf, type Person, riskFactor, step } from './person.ts'
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

const acuteConditions = [...respiratoryConditions, ...otherAcuteConditions]

const pneumonia = respiratoryConditions.find(({ key }) => key === 'pneumonia')

/** Draws how often something happens whose mean is small. */
function poisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean)
  let product = random.next()
  let count = 0
  while (product > limit && count < 12) {
    product *= random.next()
    count++
  }
  return count
}

/** A day of a year whose months weigh as told. */
function dayInSeason(year: number, season: readonly number[], random: Random): Minutes {
  const total = season.reduce((sum, weight) => sum + weight, 0)
  let mark = random.next() * total
  let month = 0
  while (month < 11 && mark >= (season[month] ?? 0)) mark -= season[month++] ?? 0
  return dayOf(year, month, random.between(1, 28))
}

class Planner {
  readonly visits: Visit[] = []
  readonly #person: Person
  readonly #random: Random
  readonly #from: Minutes
  readonly #until: Minutes

  constructor(person: Person, random: Random, from: Minutes, until: Minutes) {
    this.#person = person
    this.#random = random
    this.#from = from
    this.#until = until
  }

  add(
    kind: VisitKind,
    day: Minutes,
    more: Partial<Pick<Visit, 'acute' | 'vaccines' | 'pregnancy' | 'end' | 'fatal'>> = {},
  ): void {
    const random = this.#random.fork(this.visits.length + 1)
    const { site, minutes } = visitCodes[kind]
    const at = site === 'hospital' ? Math.floor(day / DAY) * DAY + random.between(0, DAY - 1) : officeHours(day, random.next())
    if (at < this.#from || at >= this.#until || at < this.#person.birth) return
    const end = at + (more.end ?? random.between(minutes[0], minutes[1]))
    this.visits.push({ kind, at, vaccines: [], random, ...more, end })
  }

  wellness(year: number): void {
    const { birth } = this.#person
    const age = ageAt(this.#person, dayOf(year, 6, 1))
    const random = this.#random
    if (age < 13) {
      for (const [months, vaccines] of childhoodSchedule) {
        const day = birth + Math.floor((months / 12) * YEAR) + random.between(0, 20) * DAY
        if (calendarDay(day).year === year && random.chance(0.93)) this.add('wellChild', day, { vaccines })
      }
    }
    if (age < 3 || (age < 13 && childhoodSchedule.some(([months]) => Math.abs(months / 12 - age) < 0.4))) return
    const chance = age < 18 ? 0.72 : age < 40 ? 0.5 : age < 65 ? 0.68 : 0.84
    if (random.chance(chance))
      this.add(age < 18 ? 'wellChild' : 'wellness', dayOf(year, random.between(0, 11), random.between(1, 28)), {
        vaccines: this.#adultVaccines(age),
      })
  }

  #adultVaccines(age: number): VaccineKey[] {
    const random = this.#random
    const due: VaccineKey[] = []
    if (age >= 11 && age < 13 && random.chance(0.6)) due.push('tdap', 'hpv')
    if (age >= 18 && random.chance(0.09)) due.push('td')
    if (age >= 50 && age < 75 && random.chance(0.14)) due.push('zoster')
    if (age >= 65 && random.chance(0.12)) due.push('pneumococcal')
    return due
  }

  followups(year: number): void {
    const middle = dayOf(year, 6, 1)
    let rate = 0
    for (const { condition, onset } of this.#person.chronic) if (onset < middle) rate += condition.visits
    // Several conditions share one visit: the total rises more slowly than the sum.
    const count = poisson(2.4 * Math.log1p(rate / 1.6), this.#random)
    const first = this.#random.between(0, 364)
    for (let i = 0; i < count; i++) {
      const day = dayOf(year, 0, 1) + ((first + Math.floor((i * 365) / count) + this.#random.between(-12, 12) + 365) % 365) * DAY
      this.add(this.#random.chance(0.2) ? 'virtual' : 'followup', day)
    }
  }

  illnesses(year: number): void {
    const person = this.#person
    const middle = dayOf(year, 6, 1)
    const age = ageAt(person, middle)
    if (age < -0.5) return
    for (const acute of acuteConditions) {
      if (acute.needs !== undefined && caseOf(person, acute.needs, middle) === undefined) continue
      const woman = acute.female ?? 1
      const rate =
        step(acute.rate, Math.max(0, age)) * (person.female ? woman : 2 - woman) * riskFactor(acute.risk, person, middle)
      for (let n = poisson(rate * 0.86, this.#random); n > 0; n--)
        this.#illness(acute, dayInSeason(year, acute.season, this.#random), age)
    }
  }

  #illness(acute: AcuteCondition, day: Minutes, age: number): void {
    const random = this.#random
    const [office, urgent, emergency, ward] = acute.care
    // Children and the old are admitted sooner.
    const frail = age > 75 ? 1.6 : age < 2 ? 1.3 : 1
    const mark = random.next() * (office + urgent + emergency + ward * frail)
    if (mark < office) {
      this.add(random.chance(0.12) ? 'virtual' : 'office', day, { acute })
      if (acute.lasts > 20 && random.chance(0.5)) this.add('followup', day + Math.floor(acute.lasts * 0.7) * DAY)
    } else if (mark < office + urgent) this.add('urgent', day, { acute })
    else if (mark < office + urgent + emergency) this.add('emergency', day, { acute })
    else this.#admission(acute, day, frail)
  }

  #admission(acute: AcuteCondition, day: Minutes, frail: number): void {
    const random = this.#random
    // Lengths of stay are skewed: log-normal around the median, a little longer for the frail.
    const nights = Math.max(1, Math.min(45, Math.round((acute.nights ?? 3) * frail ** 0.5 * Math.exp(random.normal(0, 0.55)))))
    const stay = nights * DAY + random.between(-6, 6) * HOUR
    const fatal = random.chance((acute.lethality ?? 0.003) * (frail > 1.5 ? 1.5 : 0.6))
    this.add('inpatient', day, { acute, end: stay, fatal })
    if (!fatal && random.chance(0.8)) this.add('followup', day + (nights + random.between(7, 14)) * DAY)
  }

  shots(year: number): void {
    const random = this.#random
    const age = ageAt(this.#person, dayOf(year, 9, 1))
    if (age < 0.5) return
    const ill = this.#person.chronic.length > 1 ? 0.1 : 0
    const willing = age < 18 ? 0.52 : age < 50 ? 0.34 : age < 65 ? 0.46 : 0.7
    // September to January, most of all in October.
    const day = dayOf(year, 8, 1) + Math.floor(12 + Math.abs(random.normal(32, 22))) * DAY
    if (random.chance(willing + ill)) {
      const covid: readonly VaccineKey[] =
        year >= 2021 && age >= 12 && random.chance(age >= 65 ? 0.5 : 0.22) ? [year >= 2023 ? 'covidUpdated' : 'covid'] : []
      this.add('shot', day, { vaccines: [age >= 65 ? 'fluHighDose' : 'flu', ...covid] })
    }
    if (year === 2021 && age >= 16 && random.chance(0.7)) {
      const first = dayOf(2021, age >= 65 ? 1 : 3, random.between(1, 50))
      this.add('shot', first, { vaccines: ['covid'] })
      this.add('shot', first + 21 * DAY, { vaccines: ['covid'] })
    }
  }

  pregnancies(year: number): void {
    const random = this.#random
    const age = ageAt(this.#person, dayOf(year, 6, 1))
    if (!this.#person.female || age < 18 || age > 43) return
    if (!random.chance(age > 25 && age < 36 ? 0.085 : 0.035)) return
    const began = dayOf(year, random.between(0, 11), random.between(1, 28))
    const due = began + 280 * DAY
    const pregnancy = { id: random.uuid(), began, due }
    for (const week of [9, 14, 19, 24, 28, 32, 35, 37, 39]) this.add('prenatal', began + week * 7 * DAY, { pregnancy })
    this.add('delivery', due + random.between(-16, 7) * DAY, { pregnancy })
  }
}

/**
 * Plans a person's contacts with care between two times, in order.
 *
 * Plans of different periods are independent: asking for a later one changes nothing in the earlier one.
 */
export function planVisits(person: Person, from: Minutes, until: Minutes): Visit[] {
  const begin = Math.max(from, person.since)
  const end = Math.min(until, person.death ?? until)
  if (begin >= end) return []
  const planner = new Planner(person, person.random.fork(Math.floor(from / DAY)), begin, end)
  const lastYear = calendarDay(end).year
  for (let year = calendarDay(begin).year - 1; year <= lastYear; year++) {
    planner.wellness(year)
    planner.followups(year)
    planner.illnesses(year)
    planner.shots(year)
    planner.pregnancies(year)
  }
  if (person.admitted !== undefined)
    planner.add('inpatient', person.admitted, { ...(pneumonia === undefined ? {} : { acute: pneumonia }), end: 6 * DAY })
  const visits = planner.visits.sort((a, b) => a.at - b.at)
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
