import type { Chart, Reason, Scene } from './chart.ts'
import { DAY, date, dateTime, type Minutes } from './clock.ts'
import type { AcuteCondition } from './codes/acute.ts'
import { coding, concept, hl7, systems } from './json.ts'
import type { ChronicCase } from './person.ts'

const clinicalStatus = {
  active: `"clinicalStatus":${hl7('condition-clinical', 'active', 'Active')}`,
  resolved: `"clinicalStatus":${hl7('condition-clinical', 'resolved', 'Resolved')}`,
} as const

const confirmed = `"verificationStatus":${hl7('condition-ver-status', 'confirmed', 'Confirmed')}`
const category = {
  problem: `"category":[${hl7('condition-category', 'problem-list-item', 'Problem List Item')}]`,
  diagnosis: `"category":[${hl7('condition-category', 'encounter-diagnosis', 'Encounter Diagnosis')}]`,
} as const

const severity = {
  mild: `"severity":${concept(coding(systems.snomed, '255604002', 'Mild (qualifier value)'))},`,
  severe: `"severity":${concept(coding(systems.snomed, '24484000', 'Severe (severity modifier) (qualifier value)'))},`,
}

interface Coded {
  readonly snomed: string
  readonly icd10: string
  readonly display: string
}

const codes = new Map<string, string>()

function codeOf({ snomed, icd10, display }: Coded): string {
  const known = codes.get(snomed)
  if (known !== undefined) return known
  const text = display.replace(/ \((disorder|finding|morphologic abnormality)\)$/, '')
  const made = `"code":${concept(`${coding(systems.snomed, snomed, display)},${coding(systems.icd10, icd10, text)}`, text)}`
  codes.set(snomed, made)
  return made
}

/** What a patient remembers of long ago: the year, or the month. */
function remembered(onset: Minutes, seen: Minutes, dice: number): string {
  const full = date(onset)
  if (seen - onset > 1500 * DAY) return dice < 0.6 ? full.slice(0, 4) : full.slice(0, 7)
  return dice < 0.15 ? full.slice(0, 7) : full
}

const reasonOf = (id: string, { display, icd10, snomed }: Coded): Reason => ({ id, display, icd10, snomed })

/** Puts a chronic condition on the problem list, at the first visit that knows of it. */
export function writeChronic(scene: Scene, { condition, onset, id }: ChronicCase): Reason {
  const { chart, visit, random, doctor } = scene
  const seen = Math.max(onset, chart.person.since)
  const asserter = random.chance(0.3) ? `,"asserter":${doctor.relative}` : ''
  const note = random.chance(0.15)
    ? `,"note":[{"authorReference":${doctor.relative},"time":"${scene.when}","text":"Discussed with patient.\\nContinue current plan."}]`
    : ''
  chart.recorder.write(
    'Condition',
    'condition-problems-health-concerns',
    id,
    `"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/condition-assertedDate","valueDateTime":"${date(seen)}"}],${clinicalStatus.active},${confirmed},${category.problem},${codeOf(condition)},${scene.about},"onsetDateTime":"${remembered(onset, visit.at, random.next())}","recordedDate":"${scene.when}"${asserter}${note}`,
    visit.at,
  )
  chart.conditions.add(id)
  return reasonOf(id, condition)
}

export const chronicReason = ({ condition, id }: ChronicCase): Reason => reasonOf(id, condition)

/** An acute condition: resolved when it was over before the end of the record, else active. */
export function writeAcute(scene: Scene, acute: AcuteCondition, lasts: number): Reason {
  const { visit, random } = scene
  const id = random.uuid()
  const over = visit.end + Math.max(1, Math.round(lasts * (0.6 + 0.8 * random.next()))) * DAY
  const onset = visit.at - random.between(1, 4) * DAY
  writeEpisode(scene, {
    id,
    coded: acute,
    onset,
    over,
    how: random.chance(0.1) ? severity.severe : random.chance(0.2) ? severity.mild : '',
  })
  return reasonOf(id, acute)
}

/** A pregnancy, from its first visit on. */
export function writePregnancy(scene: Scene, id: string, began: Minutes, due: Minutes): Reason {
  const coded = { snomed: '72892002', icd10: 'Z34.90', display: 'Normal pregnancy (finding)' }
  if (!scene.chart.conditions.has(id)) writeEpisode(scene, { id, coded, onset: began, over: due, how: '' })
  scene.chart.conditions.add(id)
  return reasonOf(id, coded)
}

function writeEpisode(scene: Scene, episode: { id: string; coded: Coded; onset: Minutes; over: Minutes; how: string }): void {
  const { chart, visit, about, doctor } = scene
  const { id, coded, onset, over, how } = episode
  const resolved = over < chart.until && (chart.death === undefined || over < chart.death)
  const abated = resolved ? `"abatementDateTime":"${dateTime(over)}",` : ''
  chart.recorder.write(
    'Condition',
    'condition-encounter-diagnosis',
    id,
    `${resolved ? clinicalStatus.resolved : clinicalStatus.active},${confirmed},${category.diagnosis},${how}${codeOf(coded)},${about},"onsetDateTime":"${dateTime(onset)}",${abated}"recordedDate":"${scene.when}","recorder":${doctor.conditional}`,
    resolved ? over : visit.at,
  )
}

/** The resolved form of an active Condition's body. */
export function resolvedBody(body: string, over: Minutes): string {
  return body
    .replace(clinicalStatus.active, clinicalStatus.resolved)
    .replace('"recordedDate":', `"abatementDateTime":"${dateTime(over)}","recordedDate":`)
}

/** True for the body of an active Condition that can get better. */
export const canResolve = (body: string): boolean => body.includes(clinicalStatus.active) && body.includes(category.diagnosis)

/** Chronic conditions that had begun when a visit took place. */
export const activeCases = ({ person }: Chart, at: Minutes): ChronicCase[] => person.chronic.filter(({ onset }) => onset <= at)
