import { inTime, type Scene } from './chart.ts'
import { DAY, dateTime, instant, type Minutes } from './clock.ts'
import { type Analyte, dipstick, type Panel, type PanelKey, panels } from './codes/labs.ts'
import { base64, coding, concept, fixed, hl7, systems } from './json.ts'
import { type Chemistry, chemistryOf, labValue } from './lab-values.ts'
import { interpret, observationHead, writeObservation } from './observation.ts'

interface Prepared {
  readonly analyte: Analyte
  readonly head: string
  readonly unit: string
  readonly range: string
}

function prepare(analyte: Analyte): Prepared {
  const { unit, low, high, digits, loinc, display } = analyte
  const limit = (value: number): string =>
    `{"value":${fixed(value, digits)},"unit":"${unit}","system":"${systems.ucum}","code":"${unit}"}`
  const bounds = [...(low === undefined ? [] : [`"low":${limit(low)}`]), ...(high === undefined ? [] : [`"high":${limit(high)}`])]
  return {
    analyte,
    head: observationHead('laboratory', [[loinc, display]], display.replace(/ \[.*$/, '')),
    unit: `,"unit":"${unit}","system":"${systems.ucum}","code":"${unit}"},`,
    range: `"referenceRange":[{${bounds.join(',')}}]`,
  }
}

const prepared: ReadonlyMap<PanelKey, readonly Prepared[]> = new Map(
  Object.values(panels).map((panel) => [panel.key, panel.analytes.map(prepare)] as const),
)

const labCategory = hl7('v2-0074', 'LAB', 'Laboratory')
const orderCategory = concept(coding(systems.snomed, '108252007', 'Laboratory procedure (procedure)'))
const positive = concept(coding(systems.snomed, '10828004', 'Positive (qualifier value)'), 'Positive')
const negative = concept(coding(systems.snomed, '260385009', 'Negative (qualifier value)'), 'Negative')

interface Sample {
  readonly drawn: Minutes
  readonly specimenId: string
  readonly orderId: string
}

function writeOrder(scene: Scene, panel: Panel): Sample {
  const { chart, visit, random, about, doctor, when } = scene
  const orderId = random.uuid()
  const specimenId = random.uuid()
  const drawn = visit.at + random.between(10, 90)
  const lab = chart.world.lab
  chart.recorder.write(
    'ServiceRequest',
    'servicerequest',
    orderId,
    `"status":"completed","intent":"order","category":[${orderCategory}],"priority":"${visit.acute === undefined ? 'routine' : 'urgent'}","code":${concept(coding(systems.loinc, panel.loinc, panel.display), panel.display)},${about},"occurrenceDateTime":"${when}","authoredOn":"${when}","requester":${doctor.relative},"performer":[${lab.relative}]${scene.reasons[0] === undefined ? '' : `,"reasonReference":[{"reference":"Condition/${scene.reasons[0].id}"}]`}`,
    visit.at,
  )
  chart.recorder.write(
    'Specimen',
    'specimen',
    specimenId,
    `"accessionIdentifier":{"system":"http://lab.example.org/accession","value":"A${random.digits(9)}"},"status":"available","type":${concept(coding(systems.snomed, panel.specimen[0], panel.specimen[1]))},${chart.subject},"receivedTime":"${dateTime(drawn + 75)}","request":[{"reference":"ServiceRequest/${orderId}"}],"collection":{"collectedDateTime":"${dateTime(drawn)}","quantity":{"value":${random.pick(['4.0', '5.0', '8.50', '10.0'])},"unit":"mL","system":"${systems.ucum}","code":"mL"}}`,
    drawn,
  )
  return { drawn, specimenId, orderId }
}

function writeResults(scene: Scene, panel: Panel, sample: Sample, body: Chemistry): { ids: string[]; text: string } {
  const { chart, visit, random } = scene
  const ids: string[] = []
  let text = `${panel.display}\n`
  const more = `"basedOn":[{"reference":"ServiceRequest/${sample.orderId}"}],`
  const specimen = `"specimen":{"reference":"Specimen/${sample.specimenId}"},`
  const lab = `{"reference":"Organization/${chart.world.lab.id}"}`
  for (const { analyte, head, unit, range } of prepared.get(panel.key) ?? []) {
    const value = labValue(analyte, chart.person, visit, body, random)
    const shown = fixed(value, analyte.digits)
    text += `  ${analyte.display}: ${shown} ${analyte.unit}\n`
    const result = `"valueQuantity":{"value":${shown}${unit}${interpret(value, analyte.low, analyte.high)}${specimen}${range}`
    ids.push(
      writeObservation(scene, {
        profile: 'observation-lab',
        head,
        value: result,
        at: sample.drawn,
        performer: lab,
        more,
      }),
    )
  }
  return { ids, text }
}

function writeDipstick(scene: Scene, sample: Sample, ids: string[]): void {
  const infected = scene.visit.acute?.key === 'cystitis'
  for (const [loinc, display] of dipstick) {
    const result = `"valueCodeableConcept":${scene.random.chance(infected ? 0.85 : 0.06) ? positive : negative},"specimen":{"reference":"Specimen/${sample.specimenId}"}`
    ids.push(
      writeObservation(scene, {
        profile: 'observation-lab',
        head: observationHead('laboratory', [[loinc, display]]),
        value: result,
        at: sample.drawn,
      }),
    )
  }
}

/** Orders a panel and writes what comes back: order, specimen, results and the report over them. */
function writePanel(scene: Scene, key: PanelKey, chemistry: Chemistry): void {
  const { chart, random, about } = scene
  const panel = panels[key]
  const sample = writeOrder(scene, panel)
  const { ids, text } = writeResults(scene, panel, sample, chemistry)
  if (key === 'urinalysis') writeDipstick(scene, sample, ids)
  scene.charges.push({ cpt: panel.cpt, text: panel.display, price: panel.price })
  if (panel.analytes.length < 2) return
  const issued = inTime(chart, sample.drawn + random.between(180, 2 * DAY))
  const form = random.chance(0.25)
    ? `,"presentedForm":[{"contentType":"text/plain; charset=utf-8","data":"${base64(text)}","title":"${panel.display}"}]`
    : ''
  chart.recorder.write(
    'DiagnosticReport',
    'diagnosticreport-lab',
    random.uuid(),
    `"basedOn":[{"reference":"ServiceRequest/${sample.orderId}"}],"status":"final","category":[${labCategory}],"code":${concept(coding(systems.loinc, panel.loinc, panel.display), panel.display)},${about},"effectiveDateTime":"${dateTime(sample.drawn)}","issued":"${instant(issued)}","performer":[${chart.world.lab.conditional}],"specimen":[{"reference":"Specimen/${sample.specimenId}"}],"result":[${ids.map((id) => `{"reference":"Observation/${id}"}`).join(',')}]${form}`,
    issued,
  )
}

/** Writes several panels of one blood draw. */
export function writePanels(scene: Scene, keys: Iterable<PanelKey>): void {
  const chemistry = chemistryOf(scene.chart.person, scene.visit.at, scene.random)
  for (const key of keys) writePanel(scene, key, chemistry)
}

/** The rapid test of an acute infection. */
export function writeRapidTest(scene: Scene, loinc: string, display: string): void {
  const result = scene.random.chance(0.9) ? positive : negative
  writeObservation(scene, {
    profile: 'observation-lab',
    head: observationHead('laboratory', [[loinc, display]]),
    value: `"valueCodeableConcept":${result}`,
  })
}
