import { isStay, type Reason, reasonReference, type Scene } from './chart.ts'
import { DAY, dateTime, type Minutes } from './clock.ts'
import { coding, concept, hl7, period, systems, terminology } from './json.ts'

const ACT = terminology('v3-ActCode')
const primary = hl7('v3-ParticipationType', 'PPRF', 'primary performer')
const attending = hl7('v3-ParticipationType', 'ATND', 'attender')
const diagnosisUse = {
  admission: hl7('diagnosis-role', 'AD', 'Admission diagnosis'),
  discharge: hl7('diagnosis-role', 'DD', 'Discharge diagnosis'),
  billing: hl7('diagnosis-role', 'billing', 'Billing'),
}

const dispositions = {
  home: hl7('discharge-disposition', 'home', 'Home'),
  nursing: hl7('discharge-disposition', 'snf', 'Skilled nursing facility'),
  dead: hl7('discharge-disposition', 'exp', 'Expired'),
}

const sources = {
  emergency: hl7('admit-source', 'emd', 'From accident/emergency department'),
  physician: hl7('admit-source', 'gp', 'General Practitioner referral'),
  born: hl7('admit-source', 'other', 'Other'),
}

function hospitalization({ visit, random }: Scene, open: boolean): string {
  const source = visit.kind === 'delivery' ? sources.born : random.fork(3).chance(0.75) ? sources.emergency : sources.physician
  if (open) return `"hospitalization":{"admitSource":${source}},`
  const long = visit.end - visit.at > 6 * DAY
  const to = visit.fatal ? dispositions.dead : long && random.fork(4).chance(0.5) ? dispositions.nursing : dispositions.home
  return `"hospitalization":{"admitSource":${source},"dischargeDisposition":${to}},`
}

function diagnoses(reasons: readonly Reason[], stay: boolean): string {
  if (reasons.length === 0) return ''
  const use = stay ? diagnosisUse.discharge : diagnosisUse.billing
  const items = reasons
    .slice(0, 4)
    .map(
      (reason, i) =>
        `{"condition":${reasonReference(reason)},"use":${i === 0 && stay ? diagnosisUse.admission : use},"rank":${i + 1}}`,
    )
  return `"diagnosis":[${items.join(',')}],`
}

function reasonCodes({ visit, reasons }: Scene): string {
  const [reason] = reasons
  if (reason === undefined || (visit.acute === undefined && visit.pregnancy === undefined)) return ''
  return `"reasonCode":[${concept(`${coding(systems.snomed, reason.snomed, reason.display)},${coding(systems.icd10, reason.icd10)}`)}],`
}

const types = new Map<string, string>()

function typeOf({ code }: Scene): string {
  const known = types.get(code.snomed)
  if (known !== undefined) return known
  const made = `"class":{"system":"${ACT}","code":"${code.act[0]}","display":"${code.act[1]}"},"type":[${concept(coding(systems.snomed, code.snomed, code.display), code.display)}],"serviceType":${hl7('service-type', code.service[0], code.service[1])},`
  types.set(code.snomed, made)
  return made
}

/** The body of the Encounter; an open one is in progress and has no end. */
export function encounterBody(scene: Scene, open: boolean): string {
  const { chart, visit, doctor, location, site, encounterId, when } = scene
  const stay = isStay(visit)
  const spell = period(when, open ? undefined : dateTime(visit.end))
  const status = open ? 'in-progress' : 'finished'
  const priority =
    visit.kind === 'emergency' || visit.kind === 'inpatient' ? `"priority":${hl7('v3-ActPriority', 'EM', 'emergency')},` : ''
  const participant = `"participant":[{"type":[${stay ? attending : primary}],"period":${spell},"individual":${doctor.conditional}}],`
  const where =
    stay && !open
      ? `"location":[{"location":${location.relative},"status":"completed","period":${spell}}],`
      : `"location":[{"location":${location.conditional}}],`
  return `"identifier":[{"use":"official","system":"http://hospital.example.org/encounter","value":"${encounterId.slice(0, 8)}"}],"status":"${status}",${typeOf(scene)}${priority}"subject":{"reference":"Patient/${chart.person.id}","display":${JSON.stringify(chart.displayName)}},${participant}"period":${spell},${lengthOf(visit.end - visit.at, open)}${reasonCodes(scene)}${diagnoses(scene.reasons, stay)}${stay ? hospitalization(scene, open) : ''}${where}"serviceProvider":${site.absolute}`
}

function lengthOf(minutes: Minutes, open: boolean): string {
  if (open || minutes < DAY)
    return open ? '' : `"length":{"value":${minutes},"unit":"minute","system":"http://unitsofmeasure.org","code":"min"},`
  return `"length":{"value":${(minutes / DAY).toFixed(2)},"unit":"day","system":"http://unitsofmeasure.org","code":"d"},`
}

export function writeEncounter(scene: Scene, open: boolean): void {
  const { chart, visit, encounterId } = scene
  chart.recorder.write('Encounter', 'encounter', encounterId, encounterBody(scene, open), open ? visit.at : visit.end)
}
