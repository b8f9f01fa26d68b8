import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import type { Lake } from '../types.ts'
import { openProvider } from './provider.ts'
import type { Pin, Provider, Selection, TypeFilter } from './types.ts'

interface Resource {
  readonly resourceType: string
  readonly id: string
  readonly [element: string]: unknown
}

let root: string
let lake: Lake
let provider: Provider
const pins: Pin[] = []

/** Loads resources of any types as one export. */
async function load(name: string, time: string, source: string, resources: Resource[], deleted: string[] = []) {
  const folder = join(root, name)
  await mkdir(join(folder, 'deleted'), { recursive: true })
  for (const [type, all] of Map.groupBy(resources, (one) => one.resourceType)) {
    await writeFile(join(folder, `${type}.ndjson`), all.map((one) => `${JSON.stringify(one)}\n`).join(''))
  }
  if (deleted.length > 0) {
    const entry = deleted.map((url) => ({ request: { method: 'DELETE', url } }))
    await writeFile(join(folder, 'deleted/Bundle.ndjson'), JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry }))
  }
  await lake.load({ folders: [folder], source, exportGroup: 'g', exportTimestamp: time })
  pins.push(await provider.pin())
}

const patient = (id: string, rest: object = {}): Resource => ({
  resourceType: 'Patient',
  id,
  ...rest,
})
const condition = (id: string, of: string, rest: object = {}): Resource => ({
  resourceType: 'Condition',
  id,
  subject: { reference: `Patient/${of}` },
  ...rest,
})

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-provider-'))
  lake = await openLake({ dir: join(root, 'lake'), create: true })
  provider = await openProvider({ dir: join(root, 'lake') })
  await load('one', '2026-01-01T00:00:00Z', 'a', [
    patient('p1', { meta: { lastUpdated: '2025-05-01T00:00:00Z', versionId: '2' }, gender: 'female', birthDate: '1980-02' }),
    patient('p2', { meta: { lastUpdated: '2025-06-01T00:00:00Z' }, gender: 'male' }),
    condition('c1', 'p1', {
      code: { coding: [{ system: 'http://snomed.info/sct', code: '38341003' }] },
      onsetDateTime: '2024-03-05',
      clinicalStatus: { coding: [{ code: 'active' }] },
    }),
    condition('c2', 'p2', {
      code: { coding: [{ system: 'http://snomed.info/sct', code: '44054006' }] },
      onsetPeriod: { start: '2020' },
    }),
    { resourceType: 'Organization', id: 'o1' },
    {
      resourceType: 'Group',
      id: 'g1',
      member: [{ entity: { reference: 'Patient/p1' } }, { entity: { reference: 'Patient/p2' }, inactive: true }],
    },
  ])
  await load('two', '2026-02-01T00:00:00Z', 'b', [
    patient('p1', { meta: { lastUpdated: '2025-05-01T00:00:00Z', versionId: '10' }, gender: 'other' }),
  ])
  await load(
    'three',
    '2026-03-01T00:00:00Z',
    'a',
    [patient('p3', { meta: { lastUpdated: '2019-01-01T00:00:00Z' } })],
    ['Patient/p2'],
  )
})
afterAll(async () => {
  await provider[Symbol.asyncDispose]()
  await lake.close()
  await rm(root, { recursive: true })
})

async function ids(type: string, selection: Selection, pin = pins.at(-1) as Pin): Promise<string[]> {
  const found: string[] = []
  for (const unit of await provider.units(pin, type)) {
    for await (const lines of provider.lines(pin, unit, selection)) {
      found.push(...lines.map((bytes) => (JSON.parse(Buffer.from(bytes).toString()) as { id: string }).id))
    }
  }
  return found.toSorted()
}
const system = { kind: 'system' } as const

test('a pin keeps its state while the lake goes on, and one resource stands for all its sources', async () => {
  expect(await ids('Patient', { level: system }, pins[0])).toEqual(['p1', 'p2'])
  expect(await ids('Patient', { level: system })).toEqual(['p1', 'p3'])
  const pin = pins.at(-1) as Pin
  const [unit] = await provider.units(pin, 'Patient')
  expect(unit).toMatchObject({ type: 'Patient' })
  const genders: unknown[] = []
  for (const each of await provider.units(pin, 'Patient')) {
    for await (const lines of provider.lines(pin, each, { level: system }))
      genders.push(...lines.map((bytes) => JSON.parse(Buffer.from(bytes).toString()).gender))
  }
  expect(genders.filter((one) => one !== undefined)).toEqual(['other'])
})

test('S-34: patient, Group and chosen levels go by the compartment', async () => {
  expect(await ids('Condition', { level: { kind: 'patients' } }, pins[0])).toEqual(['c1', 'c2'])
  expect(await ids('Organization', { level: { kind: 'patients' } })).toEqual([])
  expect(await ids('Condition', { level: { kind: 'group', id: 'g1' } })).toEqual(['c1'])
  expect(await ids('Patient', { level: { kind: 'some', patients: ['p3'] } })).toEqual(['p3'])
  expect([...(await provider.knownPatients(pins[0] as Pin, ['p1', 'p2', 'p9'], ['g1']))]).toEqual(['p1'])
})

test('S-20: since takes the later resource and the late arrival', async () => {
  const since = (pins[1] as Pin).transactionTime
  expect(await ids('Patient', { level: system, since })).toEqual(['p3'])
  expect(await ids('Patient', { level: system, since: '2025-04-30T00:00:00Z' })).toEqual(['p1'])
  expect(await ids('Patient', { level: system, until: '2020-01-01T00:00:00Z' })).toEqual(['p3'])
})

test('S-56: what is gone since then is told', async () => {
  const told: string[] = []
  for await (const rows of provider.deleted(pins.at(-1) as Pin, ['Patient'], {
    level: system,
    since: (pins[1] as Pin).transactionTime,
  })) {
    told.push(...rows.map(({ type, id }) => `${type}/${id}`))
  }
  expect(told).toEqual(['Patient/p2'])
})

test.each<[string, string, string, string[]]>([
  ['Condition', 'code', '38341003', ['c1']],
  ['Condition', 'code', 'http://snomed.info/sct|38341003', ['c1']],
  ['Condition', 'code', 'http://loinc.org|38341003', []],
  ['Condition', 'code', '38341003,44054006', ['c1', 'c2']],
  ['Condition', 'clinical-status', 'active', ['c1']],
  ['Condition', 'onset-date', 'ge2024', ['c1', 'c2']],
  ['Condition', 'onset-date', '2024-03-05', ['c1']],
  ['Condition', 'onset-date', 'lt2021', ['c2']],
  ['Condition', 'patient', 'Patient/p2', ['c2']],
  ['Condition', 'subject', 'Patient/p1', ['c1']],
  ['Condition', '_id', 'c2', ['c2']],
  ['Patient', 'gender', 'female', ['p1']],
  ['Patient', 'birthdate', '1980', ['p1']],
  ['Patient', '_lastUpdated', 'gt2025-05-15', ['p2']],
])('S-30: %s?%s=%s', async (type, name, values, expected) => {
  const filters: TypeFilter[] = [{ type, parameters: [{ name, values: values.split(',') }] }]
  expect(await ids(type, { level: system, filters }, pins[0])).toEqual(expected)
})

test.each(['name', 'code:in', 'nothing', 'subject.name'])('a parameter that cannot be met is refused: %s', async (name) => {
  const filters: TypeFilter[] = [{ type: 'Patient', parameters: [{ name, values: ['x'] }] }]
  await expect(provider.check(pins[0] as Pin, { level: system, filters })).rejects.toMatchObject({ code: 'usage' })
})

test('S-56: at Group and patient level deletions of what was theirs are told, also after a compaction', async () => {
  await load('four', '2026-04-01T00:00:00Z', 'a', [condition('c9', 'p1'), condition('c10', 'p3')])
  const before = (pins.at(-1) as Pin).transactionTime
  await load('five', '2026-05-01T00:00:00Z', 'a', [patient('p9')], ['Condition/c9', 'Condition/c10'])
  const told = async (level: Selection['level']): Promise<string[]> => {
    const found: string[] = []
    const pin = await provider.pin()
    for await (const rows of provider.deleted(pin, ['Condition', 'Patient', 'Organization'], { level, since: before }))
      found.push(...rows.map(({ type, id }) => `${type}/${id}`))
    return found.toSorted()
  }
  const all = async (): Promise<string[][]> => [
    await told(system),
    await told({ kind: 'group', id: 'g1' }),
    await told({ kind: 'some', patients: ['p3'] }),
    await told({ kind: 'group', id: 'g1', patients: ['p2'] }),
  ]
  const expected = [['Condition/c10', 'Condition/c9'], ['Condition/c9'], ['Condition/c10'], []]
  expect(await all()).toEqual(expected)
  await lake.maintain()
  expect(await all()).toEqual(expected)
})
