import { type Chart, type Reason, reasonReference, type Scene } from './chart.ts'
import { DAY, date, dateTime, HOUR } from './clock.ts'
import { type Drug, type DrugKey, drugs, hospitalDrugs } from './codes/drugs.ts'
import { coding, concept, hl7, quote, systems, terminology } from './json.ts'

const categories = {
  community: `"category":[${hl7('medicationrequest-category', 'community', 'Community')}]`,
  inpatient: `"category":[${hl7('medicationrequest-category', 'inpatient', 'Inpatient')}]`,
}

const ordered = hl7('dose-rate-type', 'ordered', 'Ordered')
const oral = concept(coding(systems.snomed, '26643006', 'Oral route (qualifier value)'))
const injected = concept(coding(systems.snomed, '47625008', 'Intravenous route (qualifier value)'))
const FORM = terminology('v3-orderableDrugForm')

const doseOf = (dose: string, unit: string): string =>
  unit === 'TAB' || unit === 'CAP'
    ? `{"value":${dose},"unit":"${unit === 'TAB' ? 'tablet' : 'capsule'}","system":"${FORM}","code":"${unit}"}`
    : `{"value":${dose},"unit":"${unit}","system":"${systems.ucum}","code":"${unit}"}`

/** Everything about a drug that is the same in every order of it. */
interface Prepared {
  readonly concept: string
  readonly dosage: string
  readonly supply: string
}

function prepare(drug: Drug): Prepared {
  const repeat =
    drug.perDay === 0
      ? '"frequency":1,"period":4,"periodMax":6,"periodUnit":"h"'
      : `"frequency":${drug.perDay},"period":1.0,"periodUnit":"d"`
  const asNeeded = drug.perDay === 0 ? 'true' : 'false'
  return {
    concept: concept(coding(systems.rxnorm, drug.rxnorm, drug.display), drug.display),
    dosage: `"dosageInstruction":[{"sequence":1,"text":${quote(drug.sig)},"timing":{"repeat":{${repeat}}},"asNeededBoolean":${asNeeded},"route":${oral},"doseAndRate":[{"type":${ordered},"doseQuantity":${doseOf(drug.dose, drug.unit)}}]}]`,
    supply: `"quantity":{"value":${drug.quantity}.0,"unit":"${drug.unit}"},"expectedSupplyDuration":{"value":${drug.daysSupply},"unit":"day","system":"${systems.ucum}","code":"d"}`,
  }
}

const prepared = new Map<DrugKey, Prepared>()

function preparedDrug(key: DrugKey): Prepared {
  const known = prepared.get(key)
  if (known !== undefined) return known
  const made = prepare(drugs[key])
  prepared.set(key, made)
  return made
}

interface Order {
  readonly key: DrugKey
  readonly reason: Reason | undefined
  /** Days that the order runs, refills included. */
  readonly days: number
}

/** Orders a drug for the pharmacy, and writes what was dispensed. */
export function writeOrder(scene: Scene, { key, reason, days }: Order): void {
  const { chart, visit, random, about, doctor, when } = scene
  const { concept: medication, dosage, supply } = preparedDrug(key)
  const id = random.uuid()
  const drug: Drug = drugs[key]
  const over = visit.at + days * DAY
  const ended = over < chart.until
  const status = ended ? (random.chance(0.07) ? 'stopped' : 'completed') : 'active'
  const contained = random.chance(0.12)
  const inside = contained ? `"contained":[{"resourceType":"Medication","id":"med","code":${medication},"status":"active"}],` : ''
  const what = contained ? '"medicationReference":{"reference":"#med"}' : `"medicationCodeableConcept":${medication}`
  const because = reason === undefined ? '' : `"reasonReference":[${reasonReference(reason)}],`
  const refills = Math.max(0, Math.round(days / drug.daysSupply) - 1)
  chart.recorder.write(
    'MedicationRequest',
    'medicationrequest',
    id,
    `${inside}"identifier":[{"system":"http://hospital.example.org/rx","value":"RX${random.digits(8)}"}],"status":"${status}",${status === 'stopped' ? `"statusReason":${hl7('medicationrequest-status-reason', 'altchoice', 'Try another treatment first')},` : ''}"intent":"order",${categories.community},"reportedBoolean":false,${what},${about},"authoredOn":"${when}","requester":${doctor.relative},${because}${dosage},"dispenseRequest":{"validityPeriod":{"start":"${date(visit.at)}","end":"${date(over)}"},"numberOfRepeatsAllowed":${refills},${supply}}`,
    ended ? over : visit.at,
  )
  writeDispenses(scene, { id, medication, supply, drug, days })
}

interface Dispensing {
  readonly id: string
  readonly medication: string
  readonly supply: string
  readonly drug: Drug
  readonly days: number
}

function writeDispenses({ chart, visit, random, about }: Scene, { id, medication, supply, drug, days }: Dispensing): void {
  const pharmacy = random.pick(chart.world.pharmacies)
  const pharmacist = pharmacy.staff[0] ?? pharmacy
  const fills = Math.min(2, Math.max(1, Math.round(days / drug.daysSupply)))
  for (let fill = 0; fill < fills; fill++) {
    const at = visit.at + fill * drug.daysSupply * DAY + random.between(40, DAY)
    if (at >= Math.min(chart.until, chart.death ?? chart.until) - HOUR || (fill > 0 && random.chance(0.5))) break
    const [amount = '', duration = ''] = supply.split(',"expectedSupplyDuration":')
    chart.recorder.write(
      'MedicationDispense',
      'medicationdispense',
      random.uuid(),
      `"status":"completed","medicationCodeableConcept":${medication},${about.replace('"encounter"', '"context"')},"performer":[{"actor":${pharmacist.relative}}],"authorizingPrescription":[{"reference":"MedicationRequest/${id}"}],"type":${hl7('v3-ActCode', fill === 0 ? 'FF' : 'RF', fill === 0 ? 'First Fill' : 'Refill')},${amount},"daysSupply":${duration},"whenPrepared":"${dateTime(at)}","whenHandedOver":"${dateTime(at + 35)}","dosageInstruction":[{"text":${quote(drug.sig)}}]`,
      at,
    )
  }
}

/** Orders of a hospital stay: the drug is a Medication resource, referred to. */
export function writeWardOrder(scene: Scene, index: number, reason: Reason | undefined): void {
  const { chart, visit, random, about, doctor, when } = scene
  const known = hospitalDrugs[index % hospitalDrugs.length]
  const medication = chart.world.medications[index % hospitalDrugs.length]
  if (known === undefined || medication === undefined) return
  const because = reason === undefined ? '' : `"reasonReference":[${reasonReference(reason)}],`
  chart.recorder.write(
    'MedicationRequest',
    'medicationrequest',
    random.uuid(),
    `"status":"completed","intent":"order",${categories.inpatient},"reportedBoolean":false,"medicationReference":${medication.relative},${about},"authoredOn":"${when}","requester":${doctor.conditional},${because}"dosageInstruction":[{"sequence":1,"timing":{"repeat":{"boundsPeriod":{"start":"${when}","end":"${dateTime(visit.end)}"},"frequency":${random.between(1, 3)},"period":24.0,"periodUnit":"h"}},"route":${known.unit === 'TAB' ? oral : injected},"doseAndRate":[{"type":${ordered},"doseQuantity":${doseOf(known.dose, known.unit)}}]}]`,
    visit.at,
  )
  scene.charges.push({ cpt: known.rxnorm, text: known.display, price: 34.5 })
}

/** True when a drug of a chronic condition is due for a new order: at first, and yearly. */
export const orderDue = (chart: Chart, key: DrugKey, at: number): boolean =>
  at - (chart.orders.get(key) ?? Number.NEGATIVE_INFINITY) > 330 * DAY
