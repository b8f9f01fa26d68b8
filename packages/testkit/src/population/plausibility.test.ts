import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { calendarDay, DAY, minutesOf, YEAR } from './clock.ts'
import type { ChronicKey } from './codes/chronic.ts'
import { ageAt, caseOf, makePerson, type Person } from './person.ts'
import { planVisits } from './plan.ts'
import { type Resource, resourcesOf, temporaryFolder } from './population.suite.ts'
import { Random } from './random.ts'
import { Recorder } from './recorder.ts'
import { synthesize } from './synthesize.ts'
import type { Visit } from './visit.ts'
import { makeWorld } from './world.ts'

const asOf = minutesOf('2026-11-01T06:00:00.000Z')
const years = 6
const root = new Random(11)
const recorder = new Recorder({ sink: { line: () => {} }, from: Number.NEGATIVE_INFINITY, until: asOf, random: root.fork(1) })
const world = makeWorld({ patients: 3000, seed: 11, baseUrl: 'https://ehr.example.org/fhir', recorder, asOf })

interface Life {
  readonly person: Person
  readonly visits: readonly Visit[]
}

/** Three thousand people and their visits, nothing written. */
const lives: readonly Life[] = Array.from({ length: 3000 }, (_, number) => {
  const person = makePerson({ number, root, world, asOf, years })
  return { person, visits: planVisits(person, asOf - Math.floor(years * YEAR), asOf) }
})

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
const share = <T>(items: readonly T[], holds: (item: T) => boolean): number => items.filter(holds).length / items.length
const ageNow = ({ person }: Life): number => ageAt(person, asOf)
const has =
  (key: ChronicKey) =>
  ({ person }: Life): boolean =>
    caseOf(person, key, asOf) !== undefined
const between = (low: number, high: number): Life[] => lives.filter((life) => ageNow(life) >= low && ageNow(life) < high)

/** Visits of all people by calendar month, those that `counts`. */
function byMonth(counts: (visit: Visit) => boolean): number[] {
  const months = Array.from({ length: 12 }, () => 0)
  for (const { visits } of lives)
    for (const visit of visits)
      if (counts(visit)) months[calendarDay(visit.at).month] = (months[calendarDay(visit.at).month] ?? 0) + 1
  return months
}

const sum = (months: readonly number[], from: readonly number[]): number =>
  from.reduce((total, month) => total + (months[month] ?? 0), 0)

describe('people', () => {
  const adults = between(18, 120)
  const old = between(60, 120)
  test.each<[string, number, number, number]>([
    ['mean age', mean(lives.map(ageNow)), 40, 50],
    ['share of women', share(lives, ({ person }) => person.female), 0.49, 0.55],
    ['share under 18', share(lives, (life) => ageNow(life) < 18), 0.13, 0.23],
    ['share of 65 and more', share(lives, (life) => ageNow(life) >= 65), 0.17, 0.3],
    ['share who died within six years', share(lives, ({ person }) => person.death !== undefined), 0.03, 0.08],
    ['hypertension at 60 and more', share(old, has('hypertension')), 0.5, 0.68],
    ['hypertension at 18 to 40', share(between(18, 40), has('hypertension')), 0.03, 0.16],
    ['diabetes at 60 and more', share(old, has('diabetes')), 0.17, 0.32],
    ['diabetes under 25', share(between(0, 25), has('diabetes')), 0, 0.001],
    ['obesity of adults', share(adults, has('obesity')), 0.27, 0.43],
    ['asthma of children', share(between(5, 18), has('asthma')), 0.05, 0.13],
    [
      'COPD of those who never smoked',
      share(
        old.filter(({ person }) => person.smoking === 'never'),
        has('copd'),
      ),
      0.02,
      0.11,
    ],
    [
      'COPD of smokers',
      share(
        old.filter(({ person }) => person.smoking !== 'never'),
        has('copd'),
      ),
      0.13,
      0.35,
    ],
    ['both diabetes and prediabetes', share(lives, (life) => has('diabetes')(life) && has('prediabetes')(life)), 0, 0],
  ])('%s', (_name, value, low, high) => {
    expect(value).toBeGreaterThanOrEqual(low)
    expect(value).toBeLessThanOrEqual(high)
  })
})

describe('visits', () => {
  const perYear = (some: readonly Life[]): number =>
    mean(some.map(({ visits, person }) => (visits.length * YEAR) / Math.max(YEAR / 4, (person.death ?? asOf) - person.since)))
  const stays = lives.flatMap(({ visits }) => visits.filter(({ kind, acute }) => kind === 'inpatient' && acute !== undefined))
  const nights = stays.map(({ at, end }) => (end - at) / DAY)
  const influenza = byMonth(({ acute }) => acute?.key === 'influenza')
  const colds = byMonth(({ acute }) => acute?.key === 'cold')
  const cystitis = byMonth(({ acute }) => acute?.key === 'cystitis')
  const shots = byMonth(({ vaccines }) => vaccines.includes('flu') || vaccines.includes('fluHighDose'))
  test.each<[string, number, number, number]>([
    ['a year at 20 to 40', perYear(between(20, 40)), 2, 5],
    ['a year at 65 and more', perYear(between(65, 120)), 4, 10],
    [
      'more with three chronic conditions than with none',
      perYear(lives.filter(({ person }) => person.chronic.length >= 3)) /
        perYear(lives.filter(({ person }) => person.chronic.length === 0)),
      1.5,
      4,
    ],
    ['a year in infancy', perYear(between(0, 2)), 5, 14],
    ['influenza: winter over summer', sum(influenza, [11, 0, 1]) / Math.max(1, sum(influenza, [5, 6, 7])), 20, 1000],
    ['colds: winter over summer', sum(colds, [11, 0, 1]) / sum(colds, [5, 6, 7]), 3, 8],
    ['cystitis: summer over winter', sum(cystitis, [5, 6, 7]) / sum(cystitis, [11, 0, 1]), 1.8, 4.5],
    ['flu shots in September to December', sum(shots, [8, 9, 10, 11]) / mean(shots) / 12, 0.95, 1],
    ['median nights in hospital', median(nights), 2.5, 6],
    ['longest stay', Math.max(...nights), 12, 46],
    ['stays a year and person', stays.length / lives.length / years, 0.02, 0.09],
    ['admissions of those over 75 to those under 40', perYear(between(75, 120)) / perYear(between(18, 40)), 1.2, 4],
    [
      'visits on a Sunday outside the hospital',
      share(
        lives.flatMap(({ visits }) => visits.filter(({ kind }) => kind === 'followup')),
        ({ at }) => calendarDay(at).weekday === 0,
      ),
      0,
      0,
    ],
  ])('%s', (_name, value, low, high) => {
    expect(value).toBeGreaterThanOrEqual(low)
    expect(value).toBeLessThanOrEqual(high)
  })

  test('nobody is in two places at once, and nobody is seen after death', () => {
    const wrong = lives.filter(({ person, visits }) =>
      visits.some((visit, i) => {
        const next = visits[i + 1]
        return (
          (next !== undefined && (next.at < visit.end || visit.fatal === true)) ||
          visit.at < person.birth ||
          visit.at >= (person.death ?? asOf)
        )
      }),
    )
    expect(wrong).toEqual([])
  })
})

describe('measurements', () => {
  const folder = temporaryFolder()
  let resources: readonly Resource[] = []
  beforeAll(async () => {
    const out = join(folder.path, 'out')
    await synthesize({ patients: 60, seed: 4, out })
    resources = resourcesOf(out).filter(({ resourceType }) =>
      ['Observation', 'Condition', 'MedicationRequest'].includes(resourceType),
    )
  }, 60_000)
  afterAll(() => folder[Symbol.dispose]())

  const patientOf = ({ subject }: Resource): string => (subject as { reference: string }).reference
  const textOf = (concept: unknown): string => (concept as { text?: string } | undefined)?.text ?? ''
  const withCondition = (name: string): Set<string> =>
    new Set(resources.filter(({ resourceType, code }) => resourceType === 'Condition' && textOf(code) === name).map(patientOf))
  const results = (name: string): { patient: string; value: number }[] =>
    resources
      .filter(({ code, valueQuantity }) => valueQuantity !== undefined && textOf(code).startsWith(name))
      .map((resource) => ({ patient: patientOf(resource), value: (resource.valueQuantity as { value: number }).value }))

  test('diabetics have the higher HbA1c, and most take metformin', () => {
    const diabetics = withCondition('Diabetes mellitus type 2')
    const values = results('Hemoglobin A1c')
    const theirs = mean(values.filter(({ patient }) => diabetics.has(patient)).map(({ value }) => value))
    const others = mean(values.filter(({ patient }) => !diabetics.has(patient)).map(({ value }) => value))
    expect(theirs).toBeGreaterThan(6.8)
    expect(others).toBeLessThan(6.2)
    const metformin = new Set(
      resources
        .filter((resource) =>
          JSON.stringify(resource.medicationCodeableConcept ?? resource.contained ?? '').includes('metformin'),
        )
        .map(patientOf),
    )
    expect([...diabetics].filter((patient) => metformin.has(patient)).length / diabetics.size).toBeGreaterThan(0.6)
  })

  test('hypertensives have the higher blood pressure', () => {
    const hypertensive = withCondition('Essential hypertension')
    const systolic = resources
      .filter(({ component }) => component !== undefined)
      .map((resource) => ({
        patient: patientOf(resource),
        value: (resource.component as { valueQuantity: { value: number } }[])[0]?.valueQuantity.value ?? Number.NaN,
      }))
    const theirs = mean(systolic.filter(({ patient }) => hypertensive.has(patient)).map(({ value }) => value))
    const others = mean(systolic.filter(({ patient }) => !hypertensive.has(patient)).map(({ value }) => value))
    expect(theirs - others).toBeGreaterThan(10)
    expect(theirs - others).toBeLessThan(40)
  })

  test.each([
    ['Body height', 45, 205],
    ['Body weight', 2, 180],
    ['Body mass index', 12, 55],
    ['Heart rate', 40, 160],
    ['Body temperature', 35.5, 41],
    ['Potassium', 2.8, 6.2],
    ['Creatinine', 0.2, 9],
    ['Hemoglobin', 4, 19],
  ])('%s stays within what a body can do', (name, low, high) => {
    const values = results(name).map(({ value }) => value)
    expect(values.length).toBeGreaterThan(30)
    expect(Math.min(...values)).toBeGreaterThanOrEqual(low)
    expect(Math.max(...values)).toBeLessThanOrEqual(high)
  })
})
