import type { Scene } from './chart.ts'
import { DAY, date } from './clock.ts'
import { type Vaccine, type VaccineKey, vaccines } from './codes/vaccines.ts'
import { coding, concept, quantity, systems } from './json.ts'

const arm = `"site":${concept(coding('http://terminology.hl7.org/CodeSystem/v3-ActSite', 'LA', 'left arm'))}`
const route = `"route":${concept(coding('http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration', 'IM', 'Injection, intramuscular'))}`
const declined = concept(coding('http://terminology.hl7.org/CodeSystem/v3-ActReason', 'PATOBJ', 'patient objection'))

/** Writes a vaccination; now and then one that the patient declined. */
export function writeImmunization(scene: Scene, key: VaccineKey): void {
  const { chart, visit, random, location, doctor, encounter, when } = scene
  const vaccine: Vaccine = vaccines[key]
  const code = `"vaccineCode":${concept(coding(systems.cvx, vaccine.cvx, vaccine.display), vaccine.display)}`
  const about = `"patient":${chart.patient},${encounter},"occurrenceDateTime":"${when}"`
  if (random.chance(0.02)) {
    chart.recorder.write(
      'Immunization',
      'immunization',
      random.uuid(),
      `"status":"not-done","statusReason":${declined},${code},${about},"primarySource":true`,
      visit.at,
    )
    return
  }
  const lot = `"lotNumber":"${random.pick(['UT', 'FL', 'EK', '9M', 'GX'])}${random.digits(5)}","expirationDate":"${date(visit.at + 240 * DAY).slice(0, 7)}"`
  chart.recorder.write(
    'Immunization',
    'immunization',
    random.uuid(),
    `"status":"completed",${code},${about},"primarySource":true,"location":${location.conditional},"manufacturer":{"display":"${vaccine.manufacturer}"},${lot},${arm},${route},"doseQuantity":${quantity(vaccine.dose, 'mL')},"performer":[{"actor":${doctor.relative}}]`,
    visit.at,
  )
  scene.charges.push({ cpt: vaccine.cpt, text: vaccine.display, price: 42.5 })
}

const remembered: readonly VaccineKey[] = ['mmr', 'varicella', 'tdap', 'hepB']

/** Vaccinations of long ago that the patient told of: there is no date for them, only words or a year. */
export function writeRememberedImmunizations(scene: Scene): void {
  const { chart, visit, random, encounter } = scene
  for (const key of remembered) {
    if (!random.chance(0.12)) continue
    const vaccine: Vaccine = vaccines[key]
    const year = Number(date(chart.person.birth).slice(0, 4)) + random.between(1, 12)
    const when = random.chance(0.4)
      ? '"occurrenceString":"as a child"'
      : `"occurrenceDateTime":"${Math.min(year, Number(date(visit.at).slice(0, 4)))}"`
    const code = `"vaccineCode":${concept(coding(systems.cvx, vaccine.cvx, vaccine.display), vaccine.display)}`
    chart.recorder.write(
      'Immunization',
      'immunization',
      random.uuid(),
      `"status":"completed",${code},"patient":${chart.patient},${encounter},${when},"recorded":"${scene.when}","primarySource":false,"reportOrigin":${concept(coding('http://terminology.hl7.org/CodeSystem/immunization-origin', 'recall', 'Parent/Guardian/Patient Recall'))}`,
      visit.at,
    )
  }
}
