import { writeAllergies } from './allergy.ts'
import { writeBill } from './billing.ts'
import { type Chart, isStay, openScene, type Scene } from './chart.ts'
import { DAY, dateTime, HOUR } from './clock.ts'
import type { DrugKey } from './codes/drugs.ts'
import type { PanelKey } from './codes/labs.ts'
import type { ProcedureKey } from './codes/procedures.ts'
import { activeCases, chronicReason, writeAcute, writeChronic, writePregnancy } from './condition.ts'
import { encounterBody, writeEncounter } from './encounter.ts'
import { writeImmunization, writeRememberedImmunizations } from './immunization.ts'
import { writePanels, writeRapidTest } from './labs.ts'
import { orderDue, writeOrder, writeWardOrder } from './medication.ts'
import { writeNote } from './note.ts'
import { ageAt } from './person.ts'
import { writeProcedure } from './procedure.ts'
import type { Written } from './recorder.ts'
import { writeMood, writeSocialHistory } from './social.ts'
import type { Visit } from './visit.ts'
import { writeVitals } from './vitals.ts'

/** A visit that has begun but is not over when the export is made. */
export interface OpenVisit {
  readonly scene: Scene
  /** Its Encounter, in progress. */
  readonly encounter: Written
}

/** What the visit is about goes into the record first: all else refers to it. */
function diagnose(scene: Scene): void {
  const { chart, visit, reasons } = scene
  if (visit.acute !== undefined) reasons.push(writeAcute(scene, visit.acute, visit.acute.lasts))
  if (visit.pregnancy !== undefined)
    reasons.push(writePregnancy(scene, visit.pregnancy.id, visit.pregnancy.began, visit.pregnancy.due))
  const routine =
    visit.kind === 'followup' || visit.kind === 'wellness' || (visit.kind === 'virtual' && visit.acute === undefined)
  if (visit.kind === 'shot') return
  for (const found of activeCases(chart, visit.at)) {
    const fresh = !chart.conditions.has(found.id)
    if (fresh) reasons.push(writeChronic(scene, found))
    else if (routine && reasons.length < 4) reasons.push(chronicReason(found))
  }
}

/** The laboratory work of a visit, each panel once. */
function panelsOf(scene: Scene): Set<PanelKey> {
  const { chart, visit, random } = scene
  const wanted = new Set<PanelKey>(visit.acute?.panels ?? [])
  const age = ageAt(chart.person, visit.at)
  if (visit.acute === undefined && (visit.kind === 'followup' || visit.kind === 'wellness')) {
    for (const { condition } of activeCases(chart, visit.at)) {
      for (const panel of condition.panels) if (random.chance(0.55)) wanted.add(panel)
    }
  }
  if (visit.kind === 'wellness') {
    if (age >= 35 && random.chance(0.55)) wanted.add('lipid')
    if (age >= 40 && random.chance(0.45)) wanted.add('metabolic')
    if (random.chance(0.3)) wanted.add('cbc')
    if (age >= 45 && random.chance(0.2)) wanted.add('a1c')
  }
  if (visit.kind === 'prenatal' && random.chance(0.45)) wanted.add('urinalysis')
  if (isStay(visit)) wanted.add('cbc').add('metabolic')
  return wanted
}

function proceduresOf(scene: Scene): ProcedureKey[] {
  const { chart, visit, random } = scene
  const wanted: ProcedureKey[] = []
  for (const { chance, procedure } of visit.acute?.procedures ?? []) if (random.chance(chance)) wanted.push(procedure)
  if (visit.kind === 'wellness') {
    const age = ageAt(chart.person, visit.at)
    wanted.push('medicationReconciliation')
    if (random.chance(0.6)) wanted.push('depressionScreening')
    if (random.chance(0.25)) wanted.push('substanceUse')
    if (chart.person.female && age >= 40 && age < 75 && random.chance(0.4)) wanted.push('mammography')
    if (age >= 45 && age < 76 && random.chance(0.11)) wanted.push('colonoscopy')
  }
  if (visit.kind === 'followup') {
    for (const { condition } of activeCases(chart, visit.at)) {
      for (const { chance, procedure } of condition.procedures ?? []) if (random.chance(chance * 0.7)) wanted.push(procedure)
    }
  }
  if (visit.kind === 'prenatal') wanted.push('fundalHeight', 'fetalHeart')
  if (visit.kind === 'delivery') wanted.push('delivery')
  return wanted
}

/** Orders what the visit calls for: renewals for chronic conditions, a course for an acute one. */
function prescribe(scene: Scene): void {
  const { chart, visit, random, reasons } = scene
  for (const { chance, oneOf } of visit.acute?.drugs ?? []) {
    if (random.chance(chance))
      writeOrder(scene, { key: random.pick(oneOf), reason: reasons[0], days: Math.min(20, visit.acute?.lasts ?? 10) })
  }
  if (visit.kind === 'shot' || visit.kind === 'urgent' || visit.kind === 'emergency') return
  const renewed = new Set<DrugKey>()
  for (const found of activeCases(chart, visit.at)) {
    for (const key of found.drugs) {
      if (renewed.has(key) || !orderDue(chart, key, visit.at)) continue
      renewed.add(key)
      chart.orders.set(key, visit.at)
      writeOrder(scene, { key, reason: chronicReason(found), days: 365 })
    }
  }
}

function stay(scene: Scene): void {
  const { random, reasons } = scene
  const count = random.between(2, 4)
  const first = random.between(0, 7)
  for (let i = 0; i < count; i++) writeWardOrder(scene, first + i, reasons[0])
}

function treat(scene: Scene): void {
  const { visit, random } = scene
  if (visit.kind !== 'virtual' && visit.kind !== 'shot') writeVitals(scene)
  if (visit.kind === 'wellness' || (visit.kind === 'wellChild' && random.chance(0.6))) {
    writeSocialHistory(scene)
    writeMood(scene)
  } else if (visit.kind === 'followup' && random.chance(0.25)) writeMood(scene)
  const test = visit.acute?.test
  if (test !== undefined && random.chance(test[2])) writeRapidTest(scene, test[0], test[1])
  writePanels(scene, panelsOf(scene))
  let delay = 15
  for (const procedure of proceduresOf(scene)) {
    writeProcedure(scene, procedure, delay)
    delay += visit.kind === 'delivery' ? 0 : 20
  }
  for (const vaccine of visit.vaccines) writeImmunization(scene, vaccine)
  prescribe(scene)
  // Days on a ward: vitals every morning, a count of blood every other.
  if (!isStay(visit)) return
  stay(scene)
  for (let at = visit.at + DAY, day = 1; at < visit.end && day < 12; at += DAY, day++) {
    const morning: Scene = { ...scene, visit: { ...visit, at, end: at + 30 }, when: dateTime(at), charges: [] }
    writeVitals(morning)
    if (day % 2 === 0) writePanels(morning, ['cbc'])
  }
}

/**
 * Writes everything about one visit; of one that is not over yet only what is known.
 *
 * Returns the visit where it stays open.
 */
export function attend(chart: Chart, visit: Visit, first: boolean): OpenVisit | undefined {
  const scene = openScene(chart, visit)
  diagnose(scene)
  if (first && visit.kind !== 'shot') {
    writeAllergies(scene)
    writeRememberedImmunizations(scene)
  }
  // What a visit leaves behind takes up to three hours: all of it lies before the end of the record.
  if (visit.end + 3 * HOUR >= chart.until) {
    writeEncounter(scene, true)
    const encounter = chart.written?.at(-1)
    return encounter === undefined ? undefined : { scene, encounter }
  }
  treat(scene)
  writeEncounter(scene, false)
  conclude(scene)
  return undefined
}

function conclude(scene: Scene): void {
  // Shots are billed by the pharmacy's own system, and nobody writes a note about them.
  if (scene.visit.kind === 'shot') return
  writeNote(scene)
  writeBill(scene)
}

/** Goes on with a visit that was open: its Encounter gets a second version, and all that was done is written. */
export function finish(scene: Scene, encounter: Written): void {
  const { chart, visit } = scene
  if (visit.end + 3 * HOUR >= chart.until) return
  treat(scene)
  chart.recorder.amend(encounter, encounterBody(scene, false), visit.end)
  conclude(scene)
}
