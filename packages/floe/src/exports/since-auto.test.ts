import type { ExportState } from '@floe/client/export-folder'
import { expect, test } from 'vitest'
import { decideSince, type FoundExport } from './since-auto.ts'

const fhirUrl = 'https://ehr.example.org/fhir'
const group = { level: 'group', groupId: '42' } as const

function earlier(transactionTime: string, state: Partial<ExportState> = {}): FoundExport {
  const whole: ExportState = {
    format: 1,
    exportId: 'x',
    phase: 'complete',
    fhirUrl,
    request: group,
    auth: { kind: 'none' },
    trustOrigins: [],
    caFile: null,
    compress: 'none',
    options: {},
    startedAt: transactionTime,
    finishedAt: transactionTime,
    job: null,
    pendingKickoff: null,
    manifestComplete: true,
    transactionTime,
    pages: 1,
    files: [],
    exitCode: 0,
    ...state,
  }
  return { folder: '/x', state: whole }
}

const types = (...type: string[]): Partial<ExportState> => ({ request: { ...group, type } })

test.each<[string, Parameters<typeof decideSince>[0], FoundExport[], string | undefined, string]>([
  ['nothing is there', group, [], undefined, 'full export: no verified export of the same server, level and group is there yet'],
  [
    'the newest counts',
    group,
    [earlier('2026-01-01T00:00:00Z'), earlier('2026-02-01T00:00:00Z')],
    '2026-02-01T00:00:00Z',
    'the last verified export',
  ],
  [
    'newest by time, not by text',
    group,
    [earlier('2026-01-01T12:00:00Z'), earlier('2026-01-01T10:00:00-05:00')],
    '2026-01-01T10:00:00-05:00',
    'the last verified export',
  ],
  [
    'exit 7 does not count',
    group,
    [earlier('2026-01-01T00:00:00Z', { exitCode: 7 })],
    undefined,
    'full export: no verified export of the same server, level and group is there yet',
  ],
  [
    'an unfinished one does not count',
    group,
    [earlier('2026-01-01T00:00:00Z', { phase: 'downloading', exitCode: null })],
    undefined,
    'full export: no verified export of the same server, level and group is there yet',
  ],
  [
    'another group does not count',
    { ...group, groupId: '43' },
    [earlier('2026-01-01T00:00:00Z')],
    undefined,
    'full export: no verified export of the same server, level and group is there yet',
  ],
  [
    'a slice of patients does not count',
    group,
    [earlier('2026-01-01T00:00:00Z', { request: { ...group, patient: ['1'] } })],
    undefined,
    'full export: no verified export of the same server, level and group is there yet',
  ],
  [
    'a slash at the end of the server is the same',
    group,
    [earlier('2026-01-01T00:00:00Z', { fhirUrl: `${fhirUrl}/` })],
    '2026-01-01T00:00:00Z',
    'the last verified export',
  ],
  [
    'types that it held',
    { ...group, type: ['Patient'] },
    [earlier('2026-01-01T00:00:00Z', types('Patient', 'Condition'))],
    '2026-01-01T00:00:00Z',
    'the last verified export',
  ],
  [
    'a type that it did not hold',
    { ...group, type: ['Patient', 'Device'] },
    [earlier('2026-01-01T00:00:00Z', types('Patient'))],
    undefined,
    'full export, because of Device: not in the last export',
  ],
  [
    'all types after some',
    group,
    [earlier('2026-01-01T00:00:00Z', types('Patient'))],
    undefined,
    'full export: the earlier exports held some types only',
  ],
  [
    'an older one that held them',
    { ...group, type: ['Device'] },
    [earlier('2026-02-01T00:00:00Z', types('Patient')), earlier('2026-01-01T00:00:00Z', types('Device'))],
    '2026-01-01T00:00:00Z',
    'the last verified export',
  ],
  [
    'other filters',
    { ...group, typeFilter: ['Condition?code=a'] },
    [earlier('2026-01-01T00:00:00Z')],
    undefined,
    'full export: the earlier exports had other filters',
  ],
  [
    'filters of other types do not matter',
    { ...group, type: ['Patient'] },
    [earlier('2026-01-01T00:00:00Z', { request: { ...group, typeFilter: ['Condition?code=a'] } })],
    '2026-01-01T00:00:00Z',
    'the last verified export',
  ],
])('%s', (_, request, found, since, reason) => {
  expect(decideSince(request, fhirUrl, found)).toEqual({ ...(since === undefined ? {} : { since }), reason })
})

test.each([
  ['2026-11-20T01:02:03', '2026-11-20T01:02:03+14:00'],
  ['2026-11-20T01:02', '2026-11-20T01:02:00+14:00'],
  ['2026-11-20T01:02:03.1234567', '2026-11-20T01:02:03.1234567+14:00'],
  ['2026-11-20T01:02:03.1234567-05:00', '2026-11-20T01:02:03.1234567-05:00'],
])('a transaction time %s is followed from %s', (time, since) => {
  expect(decideSince(group, fhirUrl, [earlier(time)]).since).toBe(since)
})
