import { DAY, instant, type Minutes } from './clock.ts'
import { usCore } from './json.ts'
import type { Random } from './random.ts'

export const resourceTypes = [
  'AllergyIntolerance',
  'Claim',
  'Condition',
  'Coverage',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'EpisodeOfCare',
  'ExplanationOfBenefit',
  'Group',
  'Immunization',
  'Location',
  'Medication',
  'MedicationDispense',
  'MedicationRequest',
  'Observation',
  'Organization',
  'Patient',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'ServiceRequest',
  'Specimen',
] as const

export type ResourceType = (typeof resourceTypes)[number]

/** Takes finished lines, without their line end. */
export interface Sink {
  line(type: ResourceType, text: string): void
}

/** A resource as last written: enough to write its next version. */
export interface Written {
  readonly type: ResourceType
  readonly id: string
  readonly head: string
  readonly body: string
  readonly version: number
  readonly at: Minutes
}

/** The text of a resource at a version. `resourceType` and `id` come first, `meta` third. */
const render = ({ type, id, head, body }: Pick<Written, 'type' | 'id' | 'head' | 'body'>, version: number, at: Minutes): string =>
  `{"resourceType":"${type}","id":"${id}","meta":{"versionId":"${version}","lastUpdated":"${instant(at)}"${head}},${body}}`

const heads = new Map<string, string>()

function profileHead(profile: string): string {
  const known = heads.get(profile)
  if (known !== undefined) return known
  const made = profile === '' ? '' : `,"profile":["${profile.startsWith('http') ? profile : usCore(profile)}"]`
  heads.set(profile, made)
  return made
}

/** What a resource said one version ago; undefined where its text has nothing that can have been otherwise. */
function previousBody(type: ResourceType, body: string): string | undefined {
  const edit = (from: string, to: string): string | undefined => (body.includes(from) ? body.replace(from, to) : undefined)
  switch (type) {
    case 'Observation':
    case 'DiagnosticReport':
      return edit('"status":"final"', '"status":"preliminary"')
    case 'Encounter':
      return edit('"status":"finished"', '"status":"in-progress"')
    case 'MedicationRequest':
    case 'ServiceRequest':
      return edit('"status":"completed"', '"status":"active"')
    case 'DocumentReference':
      return edit('"docStatus":"final"', '"docStatus":"preliminary"')
    default:
      return undefined
  }
}

/**
 * Writes the resources of one person after the other, with their versions.
 *
 * One resource in eight has been changed since it was made (version 2 or 3). Where an older version is `due`, one of those is
 * written twice: as it was and as it is, in either order.
 */
export class Recorder {
  readonly #sink: Sink
  readonly #from: Minutes
  readonly #until: Minutes
  #random: Random
  #keep: Written[] | undefined
  /** Hundredths of older versions that are due. */
  #due = 0
  #wait = 0
  #candidate: { written: Written; before: string } | undefined
  duplicates = 0

  /** Everything is dated after `from` and before `until`, whenever the care took place. */
  constructor({ sink, from, until, random }: { sink: Sink; from: Minutes; until: Minutes; random: Random }) {
    this.#sink = sink
    this.#from = from
    this.#until = until
    this.#random = random
  }

  /** Starts the next person; with `keep`, what is written is put there too. `olderVersions` is in hundredths. */
  begin({ random, keep, olderVersions = 0 }: { random: Random; keep?: Written[]; olderVersions?: number }): void {
    this.#random = random
    this.#keep = keep
    this.#due += olderVersions
    this.#wait = random.chance(0.5) ? random.between(1, 12) : 0
    this.#candidate = undefined
  }

  write(type: ResourceType, profile: string, id: string, body: string, at: Minutes): void {
    const dice = this.#random.bits()
    let version = 1
    let updated = at + 2 + (dice & 127)
    if (dice % 8 === 3) {
      version = dice & 1024 ? 2 : 3
      updated += DAY * (1 + ((dice >>> 12) & 63))
    }
    if (updated >= this.#until) {
      updated = Math.max(this.#from + 1, this.#until - 1 - ((dice >>> 20) & 63))
      version = 1
    }
    this.#put({ type, id, head: profileHead(profile), body, version, at: Math.max(updated, this.#from + 1) })
  }

  /** Writes the next version of a resource, dated between the exports. */
  amend(written: Written, body: string, at: Minutes): Written {
    const next = { ...written, body, version: written.version + 1, at: Math.min(Math.max(at, this.#from + 1), this.#until - 1) }
    this.#sink.line(next.type, render(next, next.version, next.at))
    return next
  }

  /** Ends the person: an older version that is still due comes now, after the newer one. */
  end(): void {
    if (this.#candidate !== undefined && this.#due >= 100) this.#older(this.#candidate.written, this.#candidate.before)
  }

  #put(written: Written): void {
    if (this.#due >= 100 && written.version > 1) this.#consider(written)
    this.#sink.line(written.type, render(written, written.version, written.at))
    this.#keep?.push(written)
  }

  #consider(written: Written): void {
    const before = previousBody(written.type, written.body)
    if (before === undefined) return
    if (this.#candidate === undefined || this.#random.chance(0.2)) this.#candidate = { written, before }
    if (this.#wait > 0 && --this.#wait === 0) this.#older(written, before)
  }

  #older(written: Written, before: string): void {
    const at = written.at - DAY - this.#random.between(1, 600)
    this.#sink.line(written.type, render({ ...written, body: before }, written.version - 1, at))
    this.#due -= 100
    this.duplicates += 1
  }
}
