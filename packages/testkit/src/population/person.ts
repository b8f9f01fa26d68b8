import { DAY, type Minutes, YEAR } from './clock.ts'
import type { ChronicCondition, ChronicKey } from './codes/chronic.ts'
import { metabolicConditions } from './codes/chronic-metabolic.ts'
import { otherChronicConditions } from './codes/chronic-other.ts'
import type { DrugKey } from './codes/drugs.ts'
import { type City, cities, type Heritage, namePools, nativeNames } from './codes/names.ts'
import { type Random, weighted } from './random.ts'
import { type Payer, phone, type References, type Site, type World } from './world.ts'

/** A chronic condition of a person. */
export interface ChronicCase {
  readonly condition: ChronicCondition
  readonly onset: Minutes
  /** Id of the Condition. */
  readonly id: string
  readonly drugs: readonly DrugKey[]
  /** 0 to 1: how well treatment works. */
  readonly response: number
}

/** Traits that stay with a person and move measurements. */
export interface Traits {
  /** Grown-up height in cm. */
  readonly height: number
  readonly bmi: number
  readonly systolic: number
  readonly kidney: number
  readonly cholesterol: number
  readonly hemoglobin: number
}

export type Smoking = 'never' | 'former' | 'current'

export interface Person {
  readonly id: string
  readonly random: Random
  readonly female: boolean
  readonly birth: Minutes
  readonly heritage: Heritage
  readonly hispanic: boolean
  readonly given: readonly string[]
  readonly family: string
  readonly maiden: string | undefined
  readonly native: { readonly family: string; readonly given: string } | undefined
  readonly city: City
  readonly phone: string
  readonly mrn: string
  readonly smoking: Smoking
  readonly traits: Traits
  readonly chronic: readonly ChronicCase[]
  readonly clinic: Site
  readonly hospital: Site
  readonly pcp: References
  readonly payer: Payer
  /** Admission of somebody who is in hospital at the end of the history: one in ninety. */
  readonly admitted: Minutes | undefined
  /** When this provider's record of the person begins. */
  readonly since: Minutes
  /** Death by the hazard of age; a hospital stay may come first. */
  readonly death: Minutes | undefined
}

/** Ages at the end of the history, by weight: a health system sees more old people than the street does. */
const ages = weighted<readonly [number, number]>([
  [[0, 4], 6],
  [[5, 17], 12],
  [[18, 29], 13],
  [[30, 44], 19],
  [[45, 59], 19],
  [[60, 74], 20],
  [[75, 84], 8],
  [[85, 96], 3],
])

const heritages = weighted<Heritage>([
  ['anglo', 50],
  ['european', 16],
  ['hispanic', 15],
  ['black', 10],
  ['asian', 9],
])

const citiesBySize = weighted(cities.map((city) => [city, city.size] as const))

const chronicConditions = [...metabolicConditions, ...otherChronicConditions]

/** The value of the last step at or below `x`. */
export function step(table: readonly (readonly [number, number])[], x: number): number {
  let value = 0
  for (const [from, to] of table) {
    if (x < from) break
    value = to
  }
  return value
}

export const ageAt = (person: Pick<Person, 'birth'>, at: Minutes): number => (at - person.birth) / YEAR

/** Whether a chronic condition has begun by then. */
export function caseOf(person: Pick<Person, 'chronic'>, key: ChronicKey, at: Minutes): ChronicCase | undefined {
  const found = person.chronic.find(({ condition }) => condition.key === key)
  return found !== undefined && found.onset <= at ? found : undefined
}

/** Product of the factors of those conditions (and of smoking) that a person has at that time. */
export function riskFactor(risk: ChronicCondition['risk'], person: Pick<Person, 'chronic' | 'smoking'>, at: Minutes): number {
  if (risk === undefined) return 1
  let factor = person.smoking === 'never' ? 1 : (risk.smoker ?? 1)
  for (const { condition, onset } of person.chronic) {
    if (onset <= at) factor *= risk[condition.key] ?? 1
  }
  return factor
}

function onsetAge(condition: ChronicCondition, age: number, random: Random): number {
  const firstAge = condition.prevalence.find(([, share]) => share > 0)?.[0] ?? 0
  return firstAge + (age - firstAge) * random.next() ** 0.7
}

function chooseDrugs(condition: ChronicCondition, random: Random): DrugKey[] {
  return condition.drugs.filter(({ chance }) => random.chance(chance)).map(({ oneOf }) => random.pick(oneOf))
}

function chooseConditions(
  base: { female: boolean; smoking: Smoking; birth: Minutes },
  asOf: Minutes,
  random: Random,
): ChronicCase[] {
  const age = (asOf - base.birth) / YEAR
  const chronic: ChronicCase[] = []
  for (const condition of chronicConditions) {
    const woman = condition.female ?? 1
    const sex = base.female ? woman : 2 - woman
    const chance = step(condition.prevalence, age) * sex * riskFactor(condition.risk, { chronic, smoking: base.smoking }, asOf)
    const hit = random.chance(Math.min(0.92, chance))
    const part = random.fork(chronic.length + 77)
    if (!hit || chronic.some((other) => other.condition.key === condition.excludes)) continue
    const onset = base.birth + Math.floor(onsetAge(condition, age, part) * YEAR)
    chronic.push({ condition, onset, id: part.uuid(), drugs: chooseDrugs(condition, part), response: 0.4 + 0.6 * part.next() })
  }
  return chronic
}

/** Gompertz-like: chance of dying within a year. */
const mortality = (age: number, conditions: number): number =>
  0.00045 * Math.exp(age * 0.052) * (age < 1 ? 6 : 1) * (0.7 + 0.18 * conditions)

function dieAt(
  base: { birth: Minutes; chronic: readonly ChronicCase[]; since: Minutes },
  asOf: Minutes,
  random: Random,
): Minutes | undefined {
  for (let at = base.since; at < asOf; at += YEAR) {
    const age = (at - base.birth) / YEAR
    const death = at + Math.floor(random.next() * YEAR)
    if (random.chance(mortality(age, base.chronic.length)) && death > base.since + 30 * DAY && death < asOf - DAY) return death
  }
  return undefined
}

function choosePayer(age: number, world: World, random: Random): Payer {
  const kind = age >= 65 ? 'medicare' : random.chance(age < 18 ? 0.35 : 0.2) ? 'medicaid' : 'commercial'
  return random.pick(world.payers.filter((payer) => payer.kind === kind))
}

function chooseBmi(random: Random, obese: boolean): number {
  return obese ? 31 + Math.abs(random.normal(0, 4)) : Math.min(29.8, Math.max(18.2, random.normal(24.6, 2.6)))
}

function chooseTraits(female: boolean, chronic: readonly ChronicCase[], random: Random): Traits {
  const obese = chronic.some(({ condition }) => condition.key === 'obesity')
  return {
    height: random.normal(female ? 163 : 176.5, 6.5),
    bmi: chooseBmi(random, obese),
    systolic: random.normal(female ? 112 : 117, 6),
    kidney: random.normal(0, 7),
    cholesterol: random.normal(0, 1),
    hemoglobin: random.normal(female ? 13.4 : 14.9, 0.7),
  }
}

function chooseName(
  heritage: Heritage,
  female: boolean,
  age: number,
  random: Random,
): Pick<Person, 'given' | 'family' | 'maiden' | 'native'> {
  const pool = namePools[heritage]
  const first = female ? pool.female : pool.male
  const given = random.chance(0.55) ? [random.pick(first), random.pick(first)] : [random.pick(first)]
  const doubled = heritage === 'hispanic' && random.chance(0.6)
  const family = doubled ? `${random.pick(pool.family)} ${random.pick(pool.family)}` : random.pick(pool.family)
  const maiden = female && age > 25 && random.chance(0.4) ? random.pick(pool.family) : undefined
  const native = random.chance(heritage === 'asian' ? 0.4 : 0.02) ? random.pick(nativeNames) : undefined
  return { given, family, maiden, native }
}

/** Makes the person with this number; the same seed and number give the same person. */
export function makePerson(options: { number: number; root: Random; world: World; asOf: Minutes; years: number }): Person {
  const { number, root, world, asOf, years } = options
  const random = root.fork(number)
  const [low, high] = random.draw(ages)
  const age = low + random.next() * (high + 1 - low)
  const birth = Math.floor(asOf - age * YEAR)
  const female = random.chance(0.52)
  const heritage = random.draw(heritages)
  const smoking: Smoking = age < 17 || random.chance(0.62) ? 'never' : random.chance(0.62) ? 'former' : 'current'
  const chronic = chooseConditions({ female, smoking, birth }, asOf, random)
  const begin = asOf - Math.floor(years * YEAR)
  const joined = random.chance(0.2) ? begin + Math.floor(random.next() * 0.7 * years * YEAR) : begin
  const since = Math.max(joined, birth + 3 * DAY)
  const clinic = random.pick(world.clinics)
  return {
    id: random.uuid(),
    random,
    female,
    birth: birth - (birth % DAY) + random.between(0, DAY - 1),
    heritage,
    hispanic: heritage === 'hispanic' || random.chance(0.03),
    ...chooseName(heritage, female, age, random),
    city: random.chance(0.6) ? clinic.city : random.draw(citiesBySize),
    phone: phone(random),
    mrn: `MRN${random.digits(8)}`,
    smoking,
    traits: chooseTraits(female, chronic, random),
    chronic,
    clinic,
    hospital: random.pick(world.hospitals),
    pcp: random.pick(clinic.staff),
    payer: choosePayer(age, world, random),
    since,
    admitted: number % 90 === 17 ? asOf - 2 * DAY : undefined,
    death: dieAt({ birth, chronic, since }, asOf, random),
  }
}
