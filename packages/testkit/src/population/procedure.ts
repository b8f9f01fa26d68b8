import { inTime, reasonReference, type Scene } from './chart.ts'
import { dateTime, HOUR, instant, type Minutes } from './clock.ts'
import { type ProcedureCode, type ProcedureKey, procedures } from './codes/procedures.ts'
import { base64, coding, concept, hl7, quantity, systems } from './json.ts'
import { observationHead, writeObservation } from './observation.ts'
import { caseOf } from './person.ts'

const fragments = new Map<ProcedureKey, string>()

function codeOf(key: ProcedureKey): string {
  const known = fragments.get(key)
  if (known !== undefined) return known
  const { snomed, display, cpt }: ProcedureCode = procedures[key]
  const made = `"code":${concept(`${coding(systems.snomed, snomed, display)},${coding(systems.cpt, cpt)}`, display)}`
  fragments.set(key, made)
  return made
}

const radiology = hl7('v2-0074', 'RAD', 'Radiology')
const lowRatio = observationHead('laboratory', [['19926-5', 'FEV1/FVC']])

/** Writes a procedure; imaging brings its report along. */
export function writeProcedure(scene: Scene, key: ProcedureKey, delay: Minutes = 15): void {
  const { chart, visit, random, about, doctor, location, reasons } = scene
  const code: ProcedureCode = procedures[key]
  const start = visit.at + delay
  const end = start + Math.round(code.minutes * (0.7 + 0.6 * random.next()))
  const performed =
    code.minutes < 15
      ? `"performedDateTime":"${dateTime(start)}"`
      : `"performedPeriod":{"start":"${dateTime(start)}","end":"${dateTime(end)}"}`
  const because = reasons[0] === undefined ? '' : `,"reasonReference":[${reasonReference(reasons[0])}]`
  const site =
    code.bodySite === undefined ? '' : `,"bodySite":[${concept(coding(systems.snomed, code.bodySite[0], code.bodySite[1]))}]`
  chart.recorder.write(
    'Procedure',
    'procedure',
    random.uuid(),
    `"status":"completed",${codeOf(key)},${about},${performed},"performer":[{"actor":${doctor.absolute},"onBehalfOf":${scene.site.relative}}],"location":${location.relative}${because}${site}`,
    end,
  )
  scene.charges.push({ cpt: code.cpt, text: code.display, price: code.price })
  if (key === 'spirometry') {
    const ratio = caseOf(chart.person, 'copd', visit.at) === undefined ? 74 : 58
    writeObservation(scene, {
      profile: 'observation-clinical-result',
      head: lowRatio,
      value: `"valueQuantity":${quantity((ratio + random.normal(0, 4)).toFixed(1), '%')}`,
      at: end,
    })
  }
  if (code.imaging !== undefined) writeImagingReport(scene, code.imaging, end)
}

function writeImagingReport(scene: Scene, imaging: NonNullable<ProcedureCode['imaging']>, taken: Minutes): void {
  const { chart, random, about, visit, reasons } = scene
  const abnormal = random.chance(visit.acute === undefined ? 0.25 : 0.7)
  const finding = abnormal ? imaging.abnormal : imaging.normal
  const issued = inTime(chart, taken + random.between(1, 30) * HOUR)
  const text = `${imaging.display}\nDate: ${dateTime(taken)}\n\nINDICATION: ${reasons[0]?.display ?? 'Screening'}\n\nFINDINGS: ${finding}\n\nIMPRESSION: ${abnormal ? 'See findings.' : 'No acute abnormality.'}\n`
  const radiologist = chart.person.hospital.staff[5] ?? scene.doctor
  chart.recorder.write(
    'DiagnosticReport',
    'diagnosticreport-note',
    random.uuid(),
    `"status":"final","category":[${radiology}],"code":${concept(coding(systems.loinc, imaging.loinc, imaging.display), imaging.display)},${about},"effectiveDateTime":"${dateTime(taken)}","issued":"${instant(issued)}","performer":[${radiologist.conditional}],"conclusion":${JSON.stringify(finding)},"presentedForm":[{"contentType":"text/plain; charset=utf-8","data":"${base64(text)}","title":"${imaging.display}","creation":"${dateTime(issued)}"}]`,
    issued,
  )
}
