import type { Scene } from './chart.ts'
import { dateTime, instant, type Minutes } from './clock.ts'
import { coding, concept, hl7, systems } from './json.ts'

type Category = 'vital-signs' | 'laboratory' | 'social-history' | 'survey'

const categories: Readonly<Record<Category, string>> = {
  'vital-signs': `"category":[${hl7('observation-category', 'vital-signs', 'Vital Signs')}]`,
  laboratory: `"category":[${hl7('observation-category', 'laboratory', 'Laboratory')}]`,
  'social-history': `"category":[${hl7('observation-category', 'social-history', 'Social History')}]`,
  survey: `"category":[${hl7('observation-category', 'survey', 'Survey')}]`,
}

/** Category and code of an Observation, as they stand in its text. */
export function observationHead(
  category: Category,
  codes: readonly (readonly [loinc: string, display: string])[],
  text?: string,
): string {
  const codings = codes.map(([code, display]) => coding(systems.loinc, code, display)).join(',')
  return `${categories[category]},"code":${concept(codings, text ?? codes[0]?.[1])}`
}

const interpretations = {
  H: `"interpretation":[${hl7('v3-ObservationInterpretation', 'H', 'High')}],`,
  L: `"interpretation":[${hl7('v3-ObservationInterpretation', 'L', 'Low')}],`,
} as const

/** The flag of an abnormal value; nothing for a normal one. */
export const interpret = (value: number, low: number | undefined, high: number | undefined): string =>
  high !== undefined && value > high ? interpretations.H : low !== undefined && value < low ? interpretations.L : ''

interface Finding {
  readonly profile: string
  readonly head: string
  /** From `value…` or `component` on. */
  readonly value: string
  readonly at?: Minutes
  readonly performer?: string
  readonly more?: string
}

/** Writes one Observation of a visit; its id is returned for reports. */
export function writeObservation(
  { chart, visit, random, about, when, doctor }: Scene,
  { profile, head, value, at, performer, more = '' }: Finding,
): string {
  const id = random.uuid()
  const time = at ?? visit.at
  const effective = at === undefined ? when : dateTime(at)
  chart.recorder.write(
    'Observation',
    profile,
    id,
    `${more}"status":"final",${head},${about},"effectiveDateTime":"${effective}","issued":"${instant(time + 9)}","performer":[${performer ?? doctor.relative}],${value}`,
    time + 9,
  )
  return id
}
