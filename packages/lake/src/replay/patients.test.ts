import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import { rowsOf, stateOf, writeFolder } from './folders.suite.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-patients-'))
})
afterAll(() => rm(root, { recursive: true }))

test('patients that are named by identifier are as they were after a rebuild, and open again after a rollback', async () => {
  const folder = (name: string, month: number, types: Readonly<Record<string, readonly object[]>>): Promise<string> =>
    writeFolder(root, { name, time: `2026-0${month}-01T00:00:00.000Z`, types })
  const identifier = [{ system: 'urn:mrn', value: '1' }]
  const folders = [
    await folder('rows', 1, { Observation: [{ id: 'o', subject: { reference: 'Patient?identifier=urn:mrn|1' } }] }),
    await folder('one', 2, { Patient: [{ id: 'a', identifier }] }),
    await folder('two', 3, { Patient: [{ id: 'b', identifier }] }),
  ]
  await using lake = await openLake({ dir: join(root, 'lake'), create: true })
  const told = async (asOf?: string): Promise<unknown> =>
    (await rowsOf(lake, 'select _patient from silver.observation', asOf))[0]?._patient
  for (const each of folders.slice(0, 2)) await lake.load({ folders: [each] })
  const state = await stateOf(lake)
  await lake.load({ folders: folders.slice(2) })
  expect([await told('rows'), await told('one'), await told('two'), await told()]).toEqual([null, 'a', null, null])
  await lake.rollback('two')
  expect({ ...(await stateOf(lake)), loads: [] }).toEqual({ ...state, loads: [] })
  await lake.rebuild()
  expect({ ...(await stateOf(lake)), loads: [] }).toEqual({ ...state, loads: [] })
  expect([await told('rows'), await told('one'), await told()]).toEqual([null, 'a', 'a'])
  await lake.rollback('rows')
  await lake.load({ folders: folders.slice(0, 1) })
  expect(await told()).toBe('a')
})
