import { DAY, type Minutes, YEAR } from './clock.ts'
import type { Analyte } from './codes/labs.ts'
import { ageAt, type ChronicCase, caseOf, type Person } from './person.ts'
import type { Random } from './random.ts'
import type { Visit } from './visit.ts'

/** What the body of a person does at a time; one blood sample's values agree with each other. */
export interface Chemistry {
  readonly a1c: number
  readonly egfr: number
  readonly ldl: number
  readonly hdl: number
  readonly triglycerides: number
  readonly hemoglobin: number
}

/** 0 before treatment works, 1 after half a year of it. */
const effect = (found: ChronicCase | undefined, at: Minutes): number =>
  found === undefined || found.drugs.length === 0 ? 0 : found.response * Math.min(1, (at - found.onset) / (180 * DAY))

function a1cOf(person: Person, at: Minutes, random: Random): number {
  const diabetes = caseOf(person, 'diabetes', at)
  if (diabetes !== undefined)
    return (
      8.4 +
      person.traits.cholesterol * 0.6 -
      2 * effect(diabetes, at) +
      (0.06 * (at - diabetes.onset)) / YEAR +
      random.normal(0, 0.35)
    )
  if (caseOf(person, 'prediabetes', at) !== undefined) return 6 + random.normal(0, 0.18)
  return 5.3 + random.normal(0, 0.2)
}

function egfrOf(person: Person, at: Minutes, random: Random): number {
  const age = ageAt(person, at)
  const ckd = caseOf(person, 'ckd', at)
  const healthy = Math.min(125, 122 - Math.max(0, age - 25) * 0.72) + person.traits.kidney
  const value =
    ckd === undefined
      ? healthy
      : Math.min(healthy, Math.max(24, 53 + person.traits.kidney * 0.5 - (1.9 * (at - ckd.onset)) / YEAR))
  return Math.max(9, value + random.normal(0, 3))
}

export function chemistryOf(person: Person, at: Minutes, random: Random): Chemistry {
  const fat = caseOf(person, 'hyperlipidaemia', at)
  const ldl = 105 + person.traits.cholesterol * 16 + (fat === undefined ? 0 : 58 - 76 * effect(fat, at)) + random.normal(0, 8)
  const diabetic = caseOf(person, 'diabetes', at) === undefined ? 0 : 1
  const anemic = caseOf(person, 'ckd', at) === undefined ? 0 : 1.3
  const child = ageAt(person, at) < 12 ? 1.3 : 0
  return {
    a1c: a1cOf(person, at, random),
    egfr: egfrOf(person, at, random),
    ldl: Math.max(38, ldl),
    hdl: (person.female ? 58 : 49) - 5 * diabetic + random.normal(0, 6),
    triglycerides: (105 + 38 * diabetic + (person.traits.bmi - 25) * 3) * Math.exp(random.normal(0, 0.22)),
    hemoglobin: person.traits.hemoglobin - anemic - child + random.normal(0, 0.4),
  }
}

/** Serum creatinine that the CKD-EPI 2021 formula turns into this eGFR. */
function creatinineOf(egfr: number, age: number, female: boolean): number {
  const kappa = female ? 0.7 : 0.9
  const alpha = female ? -0.241 : -0.302
  const full = 142 * 0.9938 ** age * (female ? 1.012 : 1)
  const ratio = egfr / full
  return ratio > 1 ? kappa * ratio ** (1 / alpha) : kappa * ratio ** (-1 / 1.2)
}

const infectious = new Set(['pneumonia', 'sepsis', 'appendicitis', 'cellulitis', 'cholecystitis'])

/** The value of one analyte in a sample. */
export function labValue(analyte: Analyte, person: Person, visit: Visit, body: Chemistry, random: Random): number {
  const { key, mean, deviation } = analyte
  const usual = random.normal(mean, deviation)
  const has = (condition: Parameters<typeof caseOf>[1]): boolean => caseOf(person, condition, visit.at) !== undefined
  const acute = visit.acute?.key
  switch (key) {
    case 'a1c':
      return Math.max(4.2, body.a1c)
    case 'glucose':
      return Math.max(62, 28.7 * body.a1c - 60 + random.normal(0, has('diabetes') ? 22 : 5))
    case 'egfr':
      return body.egfr
    case 'creatinine':
      return Math.max(0.2, creatinineOf(body.egfr, ageAt(person, visit.at), person.female))
    case 'bun':
      return Math.max(5, usual + Math.max(0, 70 - body.egfr) * 0.4)
    case 'potassium':
      return usual + (has('ckd') ? 0.35 : 0)
    case 'ldl':
      return body.ldl
    case 'hdl':
      return Math.max(24, body.hdl)
    case 'triglycerides':
      return body.triglycerides
    case 'cholesterol':
      return body.ldl + body.hdl + body.triglycerides / 5
    case 'hemoglobin':
      return body.hemoglobin
    case 'hematocrit':
      return body.hemoglobin * 2.96 + random.normal(0, 0.4)
    case 'rbc':
      return body.hemoglobin / 2.95 + random.normal(0, 0.08)
    case 'wbc':
      return Math.max(2.1, usual + (acute !== undefined && infectious.has(acute) ? 6 + 3 * random.next() : 0))
    case 'urineAlbumin':
      return Math.max(2, (has('diabetes') || has('ckd') ? 48 : 11) * Math.exp(random.normal(0, 0.7)))
    case 'inr':
      return Math.max(0.9, onWarfarin(person) ? random.normal(2.4, 0.45) : usual)
    case 'tsh':
      return Math.max(0.1, has('hypothyroidism') ? 3.2 * Math.exp(random.normal(0, 0.5)) : usual)
    case 'bnp':
      return has('heartFailure')
        ? (acute === 'decompensation' ? 4200 : 900) * Math.exp(random.normal(0, 0.6))
        : Math.max(12, usual)
    case 'troponin':
      return acute === 'infarction' ? 900 * Math.exp(random.normal(0, 0.9)) : Math.max(2, usual)
    case 'vitaminD':
      return Math.max(8, usual)
    case 'urineSpecificGravity':
      return Math.max(1.003, usual)
    default:
      return Math.max(0, usual)
  }
}

const onWarfarin = (person: Person): boolean => person.chronic.some(({ drugs }) => drugs.includes('warfarin5'))
