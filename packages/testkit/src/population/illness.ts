import { DAY, dayOf, HOUR, type Minutes } from './clock.ts'
import type { AcuteCondition } from './codes/acute.ts'
import { otherAcuteConditions } from './codes/acute-other.ts'
import { respiratoryConditions } from './codes/acute-respiratory.ts'
import { ageAt, caseOf, riskFactor, step } from './person.ts'
import type { Random } from './random.ts'
import { addVisit, type Plan } from './visit.ts'

const acuteConditions = [...respiratoryConditions, ...otherAcuteConditions]

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

/** Visits of a year that chronic conditions ask for. */
export function followups(plan: Plan, year: number): void {
  const middle = dayOf(year, 6, 1)
  let rate = 0
  for (const { condition, onset } of plan.person.chronic) if (onset < middle) rate += condition.visits
  // Several conditions share one visit: the total rises more slowly than the sum.
  const count = poisson(2.4 * Math.log1p(rate / 1.6), plan.random)
  const first = plan.random.between(0, 364)
  for (let i = 0; i < count; i++) {
    const day = dayOf(year, 0, 1) + ((first + Math.floor((i * 365) / count) + plan.random.between(-12, 12) + 365) % 365) * DAY
    addVisit(plan, plan.random.chance(0.2) ? 'virtual' : 'followup', day)
  }
}

/** What befalls a person in a year, and where it is treated. */
export function illnesses(plan: Plan, year: number): void {
  const person = plan.person
  const middle = dayOf(year, 6, 1)
  const age = ageAt(person, middle)
  if (age < -0.5) return
  for (const acute of acuteConditions) {
    if (acute.needs !== undefined && caseOf(person, acute.needs, middle) === undefined) continue
    const woman = acute.female ?? 1
    const rate = step(acute.rate, Math.max(0, age)) * (person.female ? woman : 2 - woman) * riskFactor(acute.risk, person, middle)
    for (let n = poisson(rate * 0.86, plan.random); n > 0; n--)
      illness(plan, acute, dayInSeason(year, acute.season, plan.random), age)
  }
}

function illness(plan: Plan, acute: AcuteCondition, day: Minutes, age: number): void {
  const random = plan.random
  const [office, urgent, emergency, ward] = acute.care
  // Children and the old are admitted sooner.
  const frail = age > 75 ? 1.6 : age < 2 ? 1.3 : 1
  const mark = random.next() * (office + urgent + emergency + ward * frail)
  if (mark < office) {
    addVisit(plan, random.chance(0.12) ? 'virtual' : 'office', day, { acute })
    if (acute.lasts > 20 && random.chance(0.5)) addVisit(plan, 'followup', day + Math.floor(acute.lasts * 0.7) * DAY)
  } else if (mark < office + urgent) addVisit(plan, 'urgent', day, { acute })
  else if (mark < office + urgent + emergency) addVisit(plan, 'emergency', day, { acute })
  else admission(plan, acute, day, frail)
}

function admission(plan: Plan, acute: AcuteCondition, day: Minutes, frail: number): void {
  const random = plan.random
  // Lengths of stay are skewed: log-normal around the median, a little longer for the frail.
  const nights = Math.max(1, Math.min(45, Math.round((acute.nights ?? 3) * frail ** 0.5 * Math.exp(random.normal(0, 0.55)))))
  const stay = nights * DAY + random.between(-6, 6) * HOUR
  const fatal = random.chance((acute.lethality ?? 0.003) * (frail > 1.5 ? 1.5 : 0.6))
  addVisit(plan, 'inpatient', day, { acute, end: stay, fatal })
  if (!fatal && random.chance(0.8)) addVisit(plan, 'followup', day + (nights + random.between(7, 14)) * DAY)
}
