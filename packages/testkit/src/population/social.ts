import type { Scene } from './chart.ts'
import { date } from './clock.ts'
import { coding, concept, quantity, systems } from './json.ts'
import { observationHead, writeObservation } from './observation.ts'
import { ageAt, caseOf, type Smoking } from './person.ts'

const heads = {
  smoking: observationHead('social-history', [['72166-2', 'Tobacco smoking status']]),
  packYears: observationHead('social-history', [['8664-5', 'Cigarettes smoked total (pack per year) - Reported']]),
  occupation: observationHead('social-history', [['11341-5', 'History of Occupation']]),
  alcohol: observationHead('survey', [['75626-2', 'Total score [AUDIT-C]']]),
  mood: observationHead('survey', [['55758-7', 'Patient Health Questionnaire 2 item (PHQ-2) total score [Reported]']]),
  depression: observationHead('survey', [['44261-6', 'Patient Health Questionnaire 9 item (PHQ-9) total score [Reported]']]),
} as const

const status: Readonly<Record<Smoking, string>> = {
  never: concept(coding(systems.snomed, '266919005', 'Never smoked tobacco (finding)'), 'Never smoker'),
  former: concept(coding(systems.snomed, '8517006', 'Ex-smoker (finding)'), 'Former smoker'),
  current: concept(coding(systems.snomed, '449868002', 'Smokes tobacco daily (finding)'), 'Current every day smoker'),
}

const jobs = [
  'Teacher',
  'Registered nurse',
  'Electrician',
  'Software developer',
  'Fisherman, "inshore"',
  'Retail clerk',
  'Carpenter',
  'Café owner',
  'Bus driver',
  'Accountant',
  'Not employed',
]

/** Questions of a yearly examination: smoking, alcohol, mood, work. */
export function writeSocialHistory(scene: Scene): void {
  const { chart, visit, random } = scene
  const { person } = chart
  const age = ageAt(person, visit.at)
  if (age < 12) return
  writeObservation(scene, {
    profile: 'smokingstatus',
    head: heads.smoking,
    value: `"valueCodeableConcept":${status[person.smoking]}`,
  })
  if (person.smoking !== 'never' && random.chance(0.5)) {
    writeObservation(scene, {
      profile: 'simple-observation',
      head: heads.packYears,
      value: `"valueQuantity":${quantity((Math.max(0.5, age - 18) * 0.35).toFixed(1), '{pack}.a')}`,
    })
  }
  if (age < 18) return
  if (random.chance(0.5))
    writeObservation(scene, {
      profile: 'simple-observation',
      head: heads.alcohol,
      value: `"valueInteger":${Math.max(0, Math.round(random.normal(2, 1.8)))}`,
    })
  if (random.chance(0.2)) {
    const start = `${date(visit.at).slice(0, 3)}${random.between(0, 4)}`
    writeObservation(scene, {
      profile: '',
      head: heads.occupation,
      value: `"valueString":${JSON.stringify(random.pick(jobs))},"note":[{"text":"since ${start > date(visit.at).slice(0, 4) ? date(visit.at).slice(0, 4) : start}"}]`,
    })
  }
}

/** Two questions on mood; nine where there is a depression. */
export function writeMood(scene: Scene): void {
  const { chart, visit, random } = scene
  if (ageAt(chart.person, visit.at) < 12) return
  const depressed = caseOf(chart.person, 'depression', visit.at)
  const two = depressed === undefined ? Math.max(0, Math.round(random.normal(0.4, 0.7))) : random.between(1, 5)
  writeObservation(scene, {
    profile: 'observation-screening-assessment',
    head: heads.mood,
    value: `"valueQuantity":${quantity(String(two), '{score}')}`,
  })
  if (depressed === undefined) return
  const nine = Math.max(1, Math.min(27, Math.round(15 - 8 * depressed.response + random.normal(0, 3))))
  writeObservation(scene, {
    profile: 'observation-screening-assessment',
    head: heads.depression,
    value: `"valueQuantity":${quantity(String(nine), '{score}')}`,
  })
}
