import { describe, expect, test } from 'vitest'
import { coverageOf, kickoffScope } from './kickoff.ts'

const fhir = 'https://ehr.example.org/fhir'
const since = '2026-01-02T02:00:01.873Z'
const at = encodeURIComponent(since)
const time = '2026-04-02T02:00:01.873Z'

/** Kind of the load, then kind and start of Observation and of Condition. */
function classify(url: string, parameters: unknown = {}): string {
  const { kind, typeKinds } = kickoffScope(url, parameters, time)
  const of = (type: string): string => {
    const coverage = coverageOf(typeKinds, type)
    return `${coverage.kind}${coverage.since === null ? '' : ` ${coverage.since}`}`
  }
  return `${kind} | ${of('Observation')} | ${of('Condition')}`
}

describe('kind of a load by its kick-off', () => {
  const group = `${fhir}/Group/g/$export`
  const cases: [url: string, parameters: unknown, expected: string][] = [
    [group, {}, 'full | full | full'],
    [`${fhir}/$export`, undefined, 'full | full | full'],
    [`${fhir}/Patient/$export?_type=Patient,Observation`, {}, 'full | full | full'],
    [`${group}?_outputFormat=ndjson&_elements=id&organizeOutputBy=Patient`, {}, 'full | full | full'],
    [`${group}?_since=${at}`, {}, `incremental | incremental ${since} | incremental ${since}`],
    [group, { _since: since }, `incremental | incremental ${since} | incremental ${since}`],
    [`${group}?_since=`, {}, 'full | full | full'],
    [
      `${group}?_since=2026-01-02T02:00:01+02:00`,
      {},
      'incremental | incremental 2026-01-02T02:00:01+02:00 | incremental 2026-01-02T02:00:01+02:00',
    ],
    [`${group}?patient=Patient/1`, {}, 'partial | partial | partial'],
    [`${fhir}/Patient/1/$export`, {}, 'partial | partial | partial'],
    [`${fhir}/Patient/$export`, { patient: ['Patient/1', 'Patient/2'] }, 'partial | partial | partial'],
    [`${group}?_typeFilter=Observation%3Fcategory%3Dlaboratory`, {}, 'partial | partial | full'],
    [`${group}?_typeFilter=Observation%253Fcategory%253Dlaboratory`, {}, 'partial | partial | full'],
    [
      `${group}?_since=${at}&_typeFilter=Observation?category=laboratory`,
      {},
      `partial | partial ${since} | incremental ${since}`,
    ],
    [`${group}?_typeFilter=Observation%3Fdate%3Dge2026-01-01`, {}, 'incremental | incremental 2026-01-01T00:00:00Z | full'],
    [`${group}?_typeFilter=Observation%3Fdate%3Dgt2026-01-01`, {}, 'incremental | incremental 2026-01-02T00:00:00.000Z | full'],
    [`${group}?_typeFilter=Observation%3Fdate%3Dge2026`, {}, 'incremental | incremental 2026-01-01T00:00:00Z | full'],
    [
      `${group}?_typeFilter=Observation%3F_lastUpdated%3Dgt${encodeURIComponent(at)}`,
      {},
      `incremental | incremental ${since} | full`,
    ],
    [`${group}?_typeFilter=Observation%3Fdate%3Dge2026-01-01%26date%3Dle2026-02-01`, {}, 'incremental | incremental | full'],
    [`${group}?_typeFilter=Observation%3Fdate%3D2026-01-01`, {}, 'incremental | incremental | full'],
    [`${group}?_typeFilter=Observation%3Fdate%3Dge2026-01-01%26status%3Dfinal`, {}, 'partial | partial | full'],
    [`${group}?_typeFilter=Observation%3Fdate:missing%3Dtrue`, {}, 'partial | partial | full'],
    [
      `${group}?_typeFilter=Condition%3Frecorded-date%3Dge2026-01-01`,
      {},
      'incremental | full | incremental 2026-01-01T00:00:00Z',
    ],
    [`${group}?_typeFilter=Condition%3Fdate%3Dge2026-01-01`, {}, 'partial | full | partial'],
    [
      `${group}?_typeFilter=Observation%3Fcode%3D1,2,Condition%3Fonset-date%3Dge2026-01-01`,
      {},
      'partial | partial | incremental 2026-01-01T00:00:00Z',
    ],
    [
      `${group}?_typeFilter=Observation%3Fdate%3Dge2026-01-01&_typeFilter=Observation%3Fdate%3Dge2025-06-01`,
      {},
      'incremental | incremental 2025-06-01T00:00:00Z | full',
    ],
    [`${group}?_typeFilter=Observation`, {}, 'full | full | full'],
    [`${group}?_typeFilter=status%3Dfinal`, {}, 'partial | partial | partial'],
    [`${group}?_until=2026-02-01T00:00:00Z`, {}, 'partial | partial | partial'],
    [`${group}?_until=2027-01-01T00:00:00Z`, {}, 'full | full | full'],
    [group, { _typeFilter: ['Observation?category=laboratory', 'Observation?category=vital-signs'] }, 'partial | partial | full'],
    [group, `_since=${at}`, `incremental | incremental ${since} | incremental ${since}`],
    [group, `{"_since":"${since}"}`, `incremental | incremental ${since} | incremental ${since}`],
    [group, [{ name: '_since', valueInstant: since }], `incremental | incremental ${since} | incremental ${since}`],
    [group, [['patient', 'Patient/1']], 'partial | partial | partial'],
    [
      group,
      { resourceType: 'Parameters', parameter: [{ name: 'patient', valueReference: { reference: 'Patient/1' } }] },
      'partial | partial | partial',
    ],
    [
      group,
      {
        resourceType: 'Parameters',
        parameter: [
          { name: '_since', valueInstant: since },
          { name: '_typeFilter', valueString: 'Observation?status=final' },
        ],
      },
      `partial | partial ${since} | incremental ${since}`,
    ],
    ['not a url', 'nor are these', 'full | full | full'],
  ]
  test.each(cases)('%s %j', (url, parameters, expected) => {
    expect(classify(url, parameters)).toBe(expected)
  })
})

test('group, types, and a URL without what may name a patient', () => {
  expect(
    kickoffScope(`${fhir}/Group/a%20b/$export?_type=Patient,%20Observation&patient=1`, { _type: 'Condition' }, time),
  ).toMatchObject({
    group: 'a b',
    exportUrl: `${fhir}/Group/a%20b/$export`,
    requestedTypes: ['Patient', 'Observation', 'Condition'],
  })
  expect(kickoffScope(`${fhir}/Group/x/Group/y/$export`, {}, time).group).toBe('y')
  expect(kickoffScope(`${fhir}/$export`, {}, time)).toMatchObject({ group: '', requestedTypes: null })
  expect(kickoffScope(null, undefined, null)).toMatchObject({ kind: 'full', group: '', exportUrl: null })
})
