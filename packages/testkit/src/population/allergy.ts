import type { Scene } from './chart.ts'
import { date } from './clock.ts'
import { type Allergen, allergens, reactions } from './codes/allergies.ts'
import { coding, concept, hl7, systems } from './json.ts'
import { weighted } from './random.ts'

const active = hl7('allergyintolerance-clinical', 'active', 'Active')
const confirmed = hl7('allergyintolerance-verification', 'confirmed', 'Confirmed')
const drawn = weighted(allergens.map((allergen) => [allergen, allergen.weight] as const))
const none = concept(coding(systems.snomed, '716186003', 'No known allergy (situation)'), 'No known allergies')

function writeAllergy(scene: Scene, { system, code, display, category }: Allergen): void {
  const { chart, visit, random, encounter, doctor } = scene
  const [reaction, text, severity] = random.pick(reactions)
  const onset = random.chance(0.5)
    ? `"onsetDateTime":"${Number(date(chart.person.birth).slice(0, 4)) + random.between(1, 9)}",`
    : ''
  chart.recorder.write(
    'AllergyIntolerance',
    'allergyintolerance',
    random.uuid(),
    `"clinicalStatus":${active},"verificationStatus":${confirmed},"type":"allergy","category":["${category}"],"criticality":"${severity === 'severe' ? 'high' : 'low'}","code":${concept(coding(systems[system], code, display), display)},"patient":${chart.patient},${encounter},${onset}"recordedDate":"${date(visit.at)}","recorder":${doctor.conditional},"reaction":[{"manifestation":[${concept(coding(systems.snomed, reaction, text), text)}],"severity":"${severity}"}]`,
    visit.at,
  )
}

/** Asked at the first visit: most people have no allergy, and half of those records say so. */
export function writeAllergies(scene: Scene): string[] {
  const { chart, visit, random } = scene
  const known = new Set<Allergen>()
  for (let more = random.chance(0.28); more && known.size < 4; more = random.chance(0.35)) known.add(random.draw(drawn))
  for (const allergen of known) writeAllergy(scene, allergen)
  if (known.size === 0 && random.chance(0.5)) {
    chart.recorder.write(
      'AllergyIntolerance',
      'allergyintolerance',
      random.uuid(),
      `"clinicalStatus":${active},"verificationStatus":${confirmed},"code":${none},"patient":${chart.patient},"recordedDate":"${date(visit.at)}"`,
      visit.at,
    )
  }
  return [...known].map(({ display }) => display)
}
