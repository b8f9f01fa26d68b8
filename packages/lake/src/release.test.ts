import { writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fhirVersion } from '@floe/views/fhir'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openCatalog } from './iceberg/catalog.ts'
import { openLake } from './lake.ts'
import { openProvider } from './provider/provider.ts'
import { rowsOf, writeFolder } from './replay/folders.suite.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-release-'))
})
afterAll(() => rm(root, { recursive: true }))

/** What R5 has and R4 has not: a list of concepts, a CodeableReference, a type of its own. */
const types = {
  Encounter: [
    {
      ...{ id: 'e1', status: 'completed', class: [{ coding: [{ code: 'AMB' }] }], subject: { reference: 'Patient/p1' } },
      actualPeriod: { start: '2026-01-01' },
    },
  ],
  MedicationRequest: [
    {
      ...{ id: 'm1', status: 'active', intent: 'order', subject: { reference: 'Patient/p1' } },
      medication: { reference: { reference: 'Medication/x' }, concept: { text: 'aspirin' } },
    },
  ],
  DeviceDispense: [{ id: 'd1', status: 'completed', subject: { reference: 'Patient/p1' } }],
  Patient: [{ id: 'p1', gender: 'female', birthDate: '1970-01' }],
}

test('a lake of R5 knows the types and elements of R5, and nothing else is taken for it', async () => {
  const folder = await writeFolder(root, { name: 'five', time: '2026-01-01T00:00:00Z', types })
  const dir = join(root, 'r5')
  {
    await using lake = await openLake({ dir, create: true, fhirVersion: 'R5', requiredTypes: [] })
    const [receipt] = await lake.load({ folders: [folder] })
    expect(receipt?.types.map(({ type, rows, quarantined }) => [type, rows, quarantined])).toEqual([
      ['DeviceDispense', 1, 0],
      ['Encounter', 1, 0],
      ['MedicationRequest', 1, 0],
      ['Patient', 1, 0],
    ])
    await expect(openLake({ dir: join(root, 'other'), create: true })).rejects.toMatchObject({ exitCode: 2 })
  }
  expect(fhirVersion()).toBe('R4')
  await using lake = await openLake({ dir, requiredTypes: [] })
  expect(
    await rowsOf(lake, `select _patient, class[1].coding[1].code as class, actualPeriod.start as start from silver.encounter`),
  ).toEqual([{ _patient: 'p1', class: 'AMB', start: '2026-01-01' }])
  expect(await rowsOf(lake, 'select medication.concept.text as drug from silver.medicationrequest')).toEqual([
    { drug: 'aspirin' },
  ])
  expect(await rowsOf(lake, 'select _patient from silver.devicedispense')).toEqual([{ _patient: 'p1' }])
  const view = {
    ...{ resourceType: 'ViewDefinition', resource: 'Encounter', status: 'active' },
    select: [{ column: [{ name: 'start', path: 'actualPeriod.start' }] }],
  }
  await using result = await lake.runView(view)
  expect((await Array.fromAsync(result.rows)).flat()).toEqual([{ start: '2026-01-01' }])
  const built = await lake.build()
  expect(built.find(({ table }) => table === 'gold.patient')).toMatchObject({ rows: 1 })
  const { tables } = await lake.rebuild()
  expect(tables.map(({ table, identical }) => [table, identical])).toEqual(
    ['devicedispense', 'encounter', 'medicationrequest', 'patient'].map((name) => [`silver.${name}`, true]),
  )
})

test('the release is fixed when a lake is made', async () => {
  const dir = join(root, 'r4b')
  await (await openLake({ dir, create: true, fhirVersion: 'R4B' })).close()
  await expect(openLake({ dir, fhirVersion: 'R5' })).rejects.toMatchObject({
    exitCode: 2,
    message: expect.stringContaining('R4B'),
  })
  const folder = await writeFolder(root, { name: 'four', time: '2026-01-01T00:00:00Z', types: { Patient: [{ id: 'p1' }] } })
  const old = join(root, 'r4')
  {
    await using lake = await openLake({ dir: old, create: true })
    await lake.load({ folders: [folder] })
  }
  await expect(openLake({ dir: old, fhirVersion: 'R5' })).rejects.toMatchObject({ exitCode: 2 })
  await (await openLake({ dir: old, fhirVersion: 'R4' })).close()
})

test('elements of R5 are unknown to a lake of R4, and its types are refused', async () => {
  const folder = await writeFolder(root, { name: 'mixed', time: '2026-01-01T00:00:00Z', types })
  await using lake = await openLake({ dir: join(root, 'strict'), create: true })
  const [receipt] = await lake.load({ folders: [folder] })
  expect(receipt?.types.map(({ type, rows, quarantined }) => [type, rows, quarantined])).toEqual([
    ['Encounter', 0, 1],
    ['MedicationRequest', 1, 0],
    ['Patient', 1, 0],
    ['Unknown', 0, 1],
  ])
})

test('a lake that a later version has written to is refused, not misread', async () => {
  const dir = join(root, 'newer')
  await (await openLake({ dir, create: true }))[Symbol.asyncDispose]()
  const catalog = openCatalog({ file: join(dir, 'catalog.db') })
  catalog.setProperty('floe', 'floe.format', '3')
  catalog.close()
  const newer = { code: 'lake-newer', exitCode: 1 }
  await expect(openLake({ dir })).rejects.toMatchObject(newer)
  await expect(openProvider({ dir })).rejects.toMatchObject(newer)
})

test('an export of more than a thousand files says that its lake needs a reader of states in lines', async () => {
  const dir = join(root, 'many')
  const folder = join(root, 'many-files')
  await mkdir(folder)
  for (let n = 0; n <= 1000; n++) writeFileSync(join(folder, `Patient.${n}.ndjson`), `{"resourceType":"Patient","id":"p${n}"}\n`)
  const formatOf = (): string | undefined => {
    using catalog = openCatalog({ file: join(dir, 'catalog.db') })
    return catalog.property('floe', 'floe.format')
  }
  {
    await using lake = await openLake({ dir, create: true })
    expect(formatOf()).toBeUndefined()
    const [receipt] = await lake.load({ folders: [folder] })
    expect(receipt?.types).toMatchObject([{ type: 'Patient', lines: 1001, rows: 1001 }])
  }
  expect(formatOf()).toBe('2')
  await using lake = await openLake({ dir })
  expect(await lake.load({ folders: [folder] })).toMatchObject([{ unchanged: true }])
  expect(await lake.rebuild()).toMatchObject({ exports: 1, tables: [{ identical: true }] })
})
