import { attend, finish, type OpenVisit } from './attend.ts'
import type { Chart } from './chart.ts'
import { DAY, instant, type Minutes } from './clock.ts'
import { canResolve, resolvedBody } from './condition.ts'
import { firstState, laterState, patientBody } from './patient.ts'
import { planVisits } from './plan.ts'
import type { Random } from './random.ts'
import type { Recorder, ResourceType, Written } from './recorder.ts'

/** One person in so many is taken out of the system between the exports: registered twice, or moved away. */
const REMOVED_EVERY = 80

/** Resources that nothing refers to: one of them may vanish alone. */
const leaves: ReadonlySet<ResourceType> = new Set([
  'DocumentReference',
  'Immunization',
  'MedicationDispense',
  'ExplanationOfBenefit',
])

/** Notes what a server would put into `deleted/`. */
export interface Deletions {
  add(type: ResourceType, id: string): void
}

export interface LaterOptions {
  readonly number: number
  readonly chart: Chart
  readonly open: readonly OpenVisit[]
  readonly written: readonly Written[]
  readonly recorder: Recorder
  readonly deletions: Deletions
  readonly asOf: Minutes
  readonly until: Minutes
}

/** How a resource goes on when nothing dramatic happens to it; undefined: it stays as it is. */
function nextBody({ type, body }: Written, at: Minutes, random: Random): string | undefined {
  const edit = (from: string, to: string): string | undefined => (body.includes(from) ? body.replace(from, to) : undefined)
  switch (type) {
    case 'Condition':
      return canResolve(body) && random.chance(0.75) ? resolvedBody(body, at) : undefined
    case 'MedicationRequest':
      return random.chance(0.22)
        ? edit('"status":"active"', random.chance(0.8) ? '"status":"completed"' : '"status":"stopped"')
        : undefined
    case 'Observation':
      return random.chance(0.002) ? edit('"status":"final"', '"status":"corrected"') : undefined
    case 'DiagnosticReport':
      return random.chance(0.004) ? edit('"status":"final"', '"status":"amended"') : undefined
    case 'DocumentReference':
      return random.chance(0.012) ? edit('"status":"current"', '"status":"superseded"') : undefined
    case 'Claim':
      return random.chance(0.003) ? edit('"status":"active"', '"status":"cancelled"') : undefined
    default:
      return undefined
  }
}

function goOn({ written, recorder, deletions, asOf, until }: LaterOptions, random: Random): void {
  for (const one of written) {
    const at = asOf + Math.floor(random.next() * (until - asOf - DAY))
    if (leaves.has(one.type) && random.chance(0.004)) {
      deletions.add(one.type, one.id)
      continue
    }
    const body = nextBody(one, at, random)
    if (body !== undefined) recorder.amend(one, body, at + 60)
  }
}

/**
 * Writes what happened to a person between the two exports: visits, changes, deletions.
 *
 * Returns false when the whole record was taken out.
 */
export function writeLater(options: LaterOptions): boolean {
  const { chart, open, written, recorder, deletions, asOf, until } = options
  const { person } = chart
  const random = person.random.fork(9001)
  if (options.number % REMOVED_EVERY === 40) {
    for (const { type, id } of written) deletions.add(type, id)
    return false
  }
  const free = Math.max(asOf, ...open.map(({ scene }) => scene.visit.end))
  const visits = chart.death === undefined ? planVisits(person, asOf, until).filter(({ at }) => at > free) : []
  const last = visits.at(-1)
  const death = last?.fatal === true ? last.end : chart.death
  const after: Chart = { ...chart, recorder, until, death, written: undefined }
  for (const { scene, encounter } of open) finish({ ...scene, chart: after }, encounter)
  goOn(
    { ...options, written: written.filter(({ id }) => id !== person.id && open.every(({ encounter }) => encounter.id !== id)) },
    random,
  )
  for (const visit of visits) attend(after, visit, false)
  const patient = written.find(({ id }) => id === person.id)
  const died = death !== undefined && death >= asOf && death < until
  if (patient !== undefined && (died || (chart.death === undefined && random.chance(0.12)))) {
    const state = laterState(chart, firstState(chart))
    recorder.amend(
      patient,
      patientBody(after, state, until),
      died ? death + DAY : asOf + Math.floor(random.next() * (until - asOf)),
    )
  }
  return true
}

/** The Bundle that tells of deletions, as a Bulk Data server sends it. */
export function deletionBundle(id: string, at: Minutes, urls: readonly string[]): string {
  const entries = urls.map((url) => `{"request":{"method":"DELETE","url":"${url}"}}`)
  return `{"resourceType":"Bundle","id":"${id}","meta":{"lastUpdated":"${instant(at)}"},"type":"transaction","entry":[${entries.join(',')}]}`
}
