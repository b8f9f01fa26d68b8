import type { Scene } from './chart.ts'
import { coding, concept, fixed, quantity, systems } from './json.ts'
import { interpret, observationHead, writeObservation } from './observation.ts'
import { ageAt, caseOf, type Person } from './person.ts'

const head = (loinc: string, display: string, text?: string): string => observationHead('vital-signs', [[loinc, display]], text)

const heads = {
  pressure: head('85354-9', 'Blood pressure panel with all children optional', 'Blood pressure'),
  pulse: head('8867-4', 'Heart rate'),
  breathing: head('9279-1', 'Respiratory rate'),
  temperature: head('8310-5', 'Body temperature'),
  weight: head('29463-7', 'Body weight'),
  height: head('8302-2', 'Body height'),
  bmi: head('39156-5', 'Body mass index (BMI) [Ratio]'),
  circumference: head('9843-4', 'Head Occipital-frontal circumference'),
  pain: head('72514-3', 'Pain severity - 0-10 verbal numeric rating [Score] - Reported'),
  saturation: observationHead('vital-signs', [
    ['59408-5', 'Oxygen saturation in Arterial blood by Pulse oximetry'],
    ['2708-6', 'Oxygen saturation in Arterial blood'],
  ]),
} as const

const component = (loinc: string, display: string): string =>
  `{"code":${concept(coding(systems.loinc, loinc, display), display)},"valueQuantity":`
const systolicHead = component('8480-6', 'Systolic blood pressure')
const diastolicHead = component('8462-4', 'Diastolic blood pressure')
const cuff = `"bodySite":${concept(coding(systems.snomed, '368209003', 'Right upper arm structure (body structure)'))},`

/** Height in cm and weight in kg as children grow; grown-ups keep theirs. */
export function build(person: Person, at: number): { height: number; weight: number; bmi: number } {
  const age = ageAt(person, at)
  const grown = person.traits.height
  const share = age >= 18 ? 1 : age < 2 ? 0.285 + 0.215 * (age / 2) ** 0.6 : 0.5 + 0.5 * Math.min(1, (age - 2) / 15.5) ** 0.92
  const height = grown * share
  const child = age < 2 ? 16.8 : 15.8 + Math.max(0, age - 6) * 0.42
  const bmi = age >= 18 ? person.traits.bmi + Math.min(2.5, (age - 40) * 0.03) : child * (0.5 + 0.5 * (person.traits.bmi / 24.6))
  return { height, bmi, weight: (bmi * height * height) / 10_000 }
}

function pressureOf({ chart, visit, random }: Scene): readonly [systolic: number, diastolic: number] {
  const { person } = chart
  const age = ageAt(person, visit.at)
  const high = caseOf(person, 'hypertension', visit.at)
  const treated =
    high !== undefined && high.drugs.length > 0 ? 17 * high.response * Math.min(1, (visit.at - high.onset) / 400_000) : 0
  const raised = high === undefined ? 0 : 27 - treated
  const young = age < 18 ? -24 + age * 1.2 : 0
  const systolic = person.traits.systolic + Math.max(0, age - 35) * 0.28 + raised + young + random.normal(0, 6)
  return [Math.round(systolic), Math.round(systolic * 0.44 + 24 - Math.max(0, age - 60) * 0.25 + random.normal(0, 3))]
}

function writePressure(scene: Scene): void {
  const [systolic, diastolic] = pressureOf(scene)
  const value = `${interpret(systolic, 90, 130)}${cuff}"component":[${systolicHead}${quantity(String(systolic), 'mmHg', 'mm[Hg]')}},${diastolicHead}${quantity(String(diastolic), 'mmHg', 'mm[Hg]')}}]`
  writeObservation(scene, { profile: 'blood-pressure', head: heads.pressure, value })
}

const valueQuantity = (value: number, digits: number, unit: string, code?: string): string =>
  `"valueQuantity":${quantity(fixed(value, digits), unit, code)}`

function writeBody(scene: Scene): void {
  const { chart, visit, random } = scene
  const age = ageAt(chart.person, visit.at)
  const { height, bmi } = build(chart.person, visit.at)
  const weight = ((bmi + random.normal(0, 0.4)) * height * height) / 10_000
  writeObservation(scene, { profile: 'body-weight', head: heads.weight, value: valueQuantity(weight, 1, 'kg') })
  if (age < 18 || random.chance(0.65)) {
    writeObservation(scene, { profile: 'body-height', head: heads.height, value: valueQuantity(height, 1, 'cm') })
    writeObservation(scene, {
      profile: 'bmi',
      head: heads.bmi,
      value: valueQuantity((weight * 10_000) / (height * height), 1, 'kg/m2'),
    })
  }
  if (age < 2)
    writeObservation(scene, {
      profile: 'head-circumference',
      head: heads.circumference,
      value: valueQuantity(34 + 12.5 * (age / 2) ** 0.45 + random.normal(0, 0.7), 1, 'cm'),
    })
}

/** Measures what is measured at a visit of this kind. */
export function writeVitals(scene: Scene): void {
  const { visit, random, chart } = scene
  const age = ageAt(chart.person, visit.at)
  const fever = visit.acute?.fever ?? 0
  const acute = visit.acute !== undefined
  if (age >= 3) writePressure(scene)
  const pulse = (age < 12 ? 118 - 4 * age : 72) + fever * 9 + random.normal(0, 7)
  writeObservation(scene, { profile: 'heart-rate', head: heads.pulse, value: valueQuantity(pulse, 0, '/min') })
  if (acute || random.chance(0.8)) {
    const breaths = (age < 6 ? 28 - 1.6 * age : 15) + fever * 2 - (visit.acute?.saturation ?? 0) + random.normal(0, 1.4)
    writeObservation(scene, { profile: 'respiratory-rate', head: heads.breathing, value: valueQuantity(breaths, 0, '/min') })
  }
  if (acute || random.chance(0.7))
    writeObservation(scene, {
      profile: 'body-temperature',
      head: heads.temperature,
      value: valueQuantity(36.7 + fever * (0.7 + 0.5 * random.next()) + random.normal(0, 0.2), 1, 'Cel'),
    })
  if (visit.acute?.saturation !== undefined || caseOf(chart.person, 'copd', visit.at) !== undefined || random.chance(0.65)) {
    const lungs = caseOf(chart.person, 'copd', visit.at) === undefined ? 98 : 94
    const value = Math.min(100, lungs + (visit.acute?.saturation ?? 0) + random.normal(0, 0.8))
    writeObservation(scene, {
      profile: 'pulse-oximetry',
      head: heads.saturation,
      value: `"valueQuantity":${quantity(fixed(value, 0), '%')}`,
    })
  }
  if (visit.kind !== 'urgent' || random.chance(0.3)) writeBody(scene)
  if (acute && random.chance(0.5))
    writeObservation(scene, {
      profile: '',
      head: heads.pain,
      value: `"valueQuantity":${quantity(String(random.between(0, 8)), '{score}')}`,
    })
}
