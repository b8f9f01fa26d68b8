import { createHash } from 'node:crypto'
import { fullName, inTime, isStay, type Scene } from './chart.ts'
import { date, dateTime, type Minutes } from './clock.ts'
import { drugs } from './codes/drugs.ts'
import { activeCases } from './condition.ts'
import { base64, coding, concept, hl7, period, quote, systems } from './json.ts'
import { ageAt } from './person.ts'

const clinicalNote = concept(
  coding('http://hl7.org/fhir/us/core/CodeSystem/us-core-documentreference-category', 'clinical-note', 'Clinical Note'),
)

const kinds = {
  progress: concept(coding(systems.loinc, '11506-3', 'Progress note'), 'Progress note'),
  history: concept(
    `${coding(systems.loinc, '34117-2', 'History and physical note')},${coding(systems.loinc, '51847-2', 'Evaluation + Plan note')}`,
    'History and physical note',
  ),
  emergency: concept(coding(systems.loinc, '34878-9', 'Emergency medicine Note'), 'Emergency note'),
  discharge: concept(coding(systems.loinc, '18842-5', 'Discharge summary'), 'Discharge summary'),
  letter: concept(coding(systems.loinc, '51852-2', 'Letter'), 'Letter'),
} as const

const plans = [
  'Continue present treatment. Return if symptoms worsen.',
  'Diet and exercise discussed; handout given. Recheck in three months.',
  'Labs ordered as above, results by portal. Follow up by telephone.',
  'Fluids, rest, paracetamol as needed. Work note given for two days.',
  'Reviewed warning signs with patient and family; all questions answered.',
]

const complaints = [
  'Feels well.',
  'Tired since last week.',
  'Cough and stuffy nose.',
  'No new complaints today.',
  'Pain somewhat better than before.',
  'Sleeps poorly, appetite good.',
]

/** Prose of a note, as long as the visit deserves. */
function noteText(scene: Scene): string {
  const { chart, visit, random, reasons, code, site, doctor } = scene
  const { person } = chart
  const problems = activeCases(chart, visit.at)
  const age = Math.max(0, Math.floor(ageAt(person, visit.at)))
  const list = (items: readonly string[], none: string): string =>
    items.length === 0 ? `${none}\n` : items.map((item) => `- ${item}\n`).join('')
  const taken = problems.flatMap((problem) => problem.drugs.map((key) => `${drugs[key].display}: ${drugs[key].sig}`))
  const exam =
    'General: alert, no distress. Skin: warm and dry. Heart: regular rate and rhythm, no murmur. Lungs: clear to auscultation on both sides.\nAbdomen: soft, no tenderness. Extremities: no edema. Neurologic: oriented to person, place and time, gait normal.'
  let text = `${date(visit.at)} · ${site.name}\n\n# ${code.display.replace(/ \(.*$/, '')}\n${fullName(person)} is a ${age} year-old ${person.female ? 'woman' : age < 18 ? 'boy or young man' : 'man'} seen by ${doctor.name}.\n\n# Chief complaint\n- ${reasons[0]?.display ?? random.pick(complaints)}\n\n# History of present illness\n${random.pick(complaints)} ${random.pick(complaints)}\n\n# Problems\n${list(
    problems.map(({ condition }) => condition.display),
    'None known.',
  )}\n# Medications\n${list(taken, 'No active medications.')}\n# Tobacco\n${person.smoking === 'never' ? 'Never smoked.' : person.smoking === 'former' ? 'Quit smoking.' : 'Smokes daily; advised to stop.'}\n`
  if (visit.kind !== 'virtual') text += `\n# Examination\n${exam}\n`
  if (isStay(visit))
    text += `\n# Hospital course\nAdmitted ${dateTime(visit.at)}, discharged ${dateTime(visit.end)}. Treated according to protocol; tolerated well.\n${exam}\nAt discharge eating, walking with assistance where needed, pain controlled with oral medication.\n`
  return `${text}\n# Assessment and plan\n${reasons.map(({ display }) => `- ${display}`).join('\n')}\n${random.pick(plans)}\n${random.pick(plans)}\n\nElectronically signed: ${doctor.name}\n`
}

function writeDocument(
  scene: Scene,
  options: { kind: string; attachment: string; title: string; at: Minutes; superseded?: boolean },
): void {
  const { chart, random, visit, doctor, site, encounterId, when } = scene
  const { kind, attachment, title, at, superseded = false } = options
  const id = random.uuid()
  chart.recorder.write(
    'DocumentReference',
    'documentreference',
    id,
    `"masterIdentifier":{"system":"urn:ietf:rfc:3986","value":"urn:uuid:${random.uuid()}"},"identifier":[{"system":"http://hospital.example.org/document","value":"${id.slice(0, 8)}"}],"status":"${superseded ? 'superseded' : 'current'}","docStatus":"final","type":${kind},"category":[${clinicalNote}],${chart.subject},"date":"${dateTime(at)}","author":[${doctor.relative}],"custodian":${site.conditional},"description":${quote(title)},"content":[{"attachment":${attachment},"format":${coding('http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode', 'urn:ihe:iti:xds:2017:mimeTypeSufficient', 'mimeType Sufficient')}}],"context":{"encounter":[{"reference":"Encounter/${encounterId}"}],"period":${period(when, dateTime(visit.end))},"facilityType":${hl7('v3-RoleCode', isStay(visit) ? 'HOSP' : 'OF', isStay(visit) ? 'Hospital' : 'Outpatient facility')}}`,
    at,
  )
}

/** Writes the note of a visit: the text inside, now and then also a scan to be fetched from its address. */
export function writeNote(scene: Scene): void {
  const { chart, visit, random } = scene
  const kind = isStay(visit)
    ? 'discharge'
    : visit.kind === 'emergency'
      ? 'emergency'
      : visit.kind === 'wellness'
        ? 'history'
        : 'progress'
  const created = inTime(chart, visit.end + random.between(5, 400))
  const data = base64(noteText(scene))
  writeDocument(scene, {
    kind: kinds[kind],
    title: `${kind} note`,
    attachment: `{"contentType":"text/plain; charset=utf-8","language":"en-US","data":"${data}","title":"Note","creation":"${dateTime(created)}"}`,
    at: created,
    superseded: random.chance(0.03),
  })
  if (!random.chance(isStay(visit) ? 0.5 : 0.05)) return
  const binary = random.uuid()
  const hash = createHash('sha1').update(binary).digest('base64')
  writeDocument(scene, {
    kind: kinds.letter,
    title: 'Scanned letter',
    attachment: `{"contentType":"application/pdf","url":"${chart.world.baseUrl}/Binary/${binary}","size":${random.between(24_000, 900_000)},"hash":"${hash}","title":"letter.pdf"}`,
    at: inTime(chart, created + random.between(60, 5000)),
  })
}
