import { dateTime, type Minutes } from './clock.ts'
import type { DrugKey } from './codes/drugs.ts'
import { type VisitCode, visitCodes } from './codes/visits.ts'
import { quote } from './json.ts'
import type { Person } from './person.ts'
import type { Random } from './random.ts'
import type { Recorder, Written } from './recorder.ts'
import type { Visit } from './visit.ts'
import type { References, Site, World } from './world.ts'

/** One person's record while it is being written. */
export interface Chart {
  readonly person: Person
  readonly world: World
  recorder: Recorder
  /** Nothing clinical happens at or after this time; what is not over by then is open. */
  until: Minutes
  /** `{"reference":"Patient/…"}` */
  readonly patient: string
  /** `"subject":{"reference":"Patient/…"}`, what most resources carry. */
  readonly subject: string
  readonly displayName: string
  readonly coverageId: string
  readonly death: Minutes | undefined
  /** Ids of the Conditions written so far. */
  readonly conditions: Set<string>
  /** When a drug of a chronic condition was last ordered. */
  readonly orders: Map<DrugKey, Minutes>
  /** Set where a second export follows: everything written so far. */
  readonly written: Written[] | undefined
}

/** A visit with everything that its resources refer to. */
export interface Scene {
  readonly chart: Chart
  readonly visit: Visit
  readonly code: VisitCode
  readonly random: Random
  readonly site: Site
  readonly location: References
  readonly doctor: References
  readonly encounterId: string
  /** `"encounter":{"reference":"Encounter/…"}` */
  readonly encounter: string
  /** `"subject":…,"encounter":…`, in the order of most resources. */
  readonly about: string
  readonly when: string
  /** Conditions that the visit was about: id, display, and how it is billed. */
  readonly reasons: Reason[]
  /** What was done, for the bill. */
  readonly charges: Charge[]
}

export interface Reason {
  readonly id: string
  readonly display: string
  readonly icd10: string
  readonly snomed: string
}

export interface Charge {
  readonly cpt: string
  readonly text: string
  readonly price: number
}

export const fullName = ({ given, family }: Pick<Person, 'given' | 'family'>): string => `${given[0]} ${family}`

export function openChart(options: Pick<Chart, 'person' | 'world' | 'recorder' | 'until' | 'death' | 'written'>): Chart {
  const { person } = options
  const patient = `{"reference":"Patient/${person.id}"}`
  return {
    ...options,
    patient,
    subject: `"subject":${patient}`,
    displayName: fullName(person),
    coverageId: person.random.fork(31).uuid(),
    conditions: new Set(),
    orders: new Map(),
  }
}

/** The room of the hospital that a stay begins in. */
function room(visit: Visit): number {
  if (visit.kind === 'emergency') return 0
  if (visit.kind === 'delivery') return 3
  return visit.random.fork(9).pick([1, 1, 2, 4])
}

export function openScene(chart: Chart, visit: Visit): Scene {
  const { random } = visit
  const code = visitCodes[visit.kind]
  const { clinic, hospital, pcp } = chart.person
  const site = code.site === 'clinic' ? clinic : code.site === 'hospital' ? hospital : random.pick(chart.world.pharmacies)
  const location = site.locations[site.kind === 'hospital' ? room(visit) : 0] ?? site
  const own = code.site === 'clinic' && visit.kind !== 'urgent' && random.chance(0.75)
  const encounterId = random.uuid()
  const encounter = `"encounter":{"reference":"Encounter/${encounterId}"}`
  return {
    chart,
    visit,
    code,
    random,
    site,
    location,
    doctor: own ? pcp : random.pick(site.staff),
    encounterId,
    encounter,
    about: `${chart.subject},${encounter}`,
    when: dateTime(visit.at),
    reasons: [],
    charges: [],
  }
}

/** Paperwork that would be done after the end of the record is done just before it. */
export const inTime = ({ until }: Chart, at: Minutes): Minutes => Math.min(at, until - 3)

export const isStay = ({ kind }: Visit): boolean => kind === 'inpatient' || kind === 'delivery'

/** `{"reference":"Condition/…","display":…}` */
export const reasonReference = ({ id, display }: Reason): string => `{"reference":"Condition/${id}","display":${quote(display)}}`
