import type { Chart } from './chart.ts'
import { date } from './clock.ts'
import type { ChronicKey } from './codes/chronic.ts'
import { hl7 } from './json.ts'

const programmes: ReadonlySet<ChronicKey> = new Set([
  'diabetes',
  'heartFailure',
  'copd',
  'ckd',
  'depression',
  'asthma',
  'hypertension',
])

/** Care programmes that somebody is enrolled in for a chronic condition. */
export function writeEpisodes(chart: Chart): void {
  const { person, recorder } = chart
  const random = person.random.fork(71)
  for (const { condition, onset, id } of person.chronic) {
    if (!programmes.has(condition.key) || !chart.conditions.has(id)) continue
    const start = Math.max(onset, person.since)
    const over = chart.death !== undefined && chart.death < chart.until ? chart.death : undefined
    const end = over === undefined ? '' : `,"end":"${date(over)}"`
    recorder.write(
      'EpisodeOfCare',
      '',
      random.uuid(),
      `"status":"${over === undefined ? 'active' : 'finished'}",${condition.key === 'diabetes' ? `"type":[${hl7('episodeofcare-type', 'diab', 'Post co-ordinated diabetes program')}],` : ''}"diagnosis":[{"condition":{"reference":"Condition/${id}"},"role":${hl7('diagnosis-role', 'CC', 'Chief complaint')},"rank":1}],"patient":${chart.patient},"managingOrganization":${person.clinic.relative},"period":{"start":"${date(start)}"${end}},"careManager":${person.pcp.conditional}`,
      start,
    )
  }
}
