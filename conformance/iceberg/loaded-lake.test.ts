/** The lake as users make it, by loading export folders, seen by an independent Iceberg reader through the catalog. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openLake } from '../../packages/lake/src/index.ts'
import type { Lake, LoadReceipt } from '../../packages/lake/src/types.ts'
import { comparable, findPython, openPyIceberg, type Peer, pyicebergPython, pyicebergVersion } from './python.ts'

const python = await findPython()
if (python === undefined) console.warn('conformance/iceberg: pyiceberg is not checked, because no Python 3.10 or newer is here')

type Rows = Record<string, unknown>[]

const patient = (id: string, version: number, more: object = {}) => ({
  resourceType: 'Patient',
  id,
  meta: { versionId: String(version), lastUpdated: `2024-0${version}-01T00:00:00.000Z` },
  name: [{ family: `Ünïcødé ${id}`, given: ['Ada'] }],
  birthDate: '1980-05',
  ...more,
})
const observation = (id: string, version: number, value: string) =>
  `{"resourceType":"Observation","id":"${id}",
"meta":{"versionId":"${version}","lastUpdated":"2024-0${version}-01T00:00:00Z"},"status":"final","code":{"coding":[{"system":"http://loinc.org","code":"8867-4"}]},
"subject":{"reference":"Patient/a"},"valueQuantity":{"value":${value},"unit":"/min"}}`.replaceAll('\n', '')

describe.skipIf(python === undefined)(`pyiceberg ${pyicebergVersion} on a loaded lake`, () => {
  let dir: string
  let lake: Lake
  let peer: Peer
  beforeAll(async () => {
    const binary = await pyicebergPython(python ?? 'python3')
    dir = await mkdtemp(join(tmpdir(), 'floe-loaded-'))
    lake = await openLake({ dir: join(dir, 'lake'), create: true, threads: 2 })
    peer = openPyIceberg(binary, join(dir, 'lake/catalog.db'))
  }, 600_000)
  afterAll(async () => {
    await peer?.[Symbol.asyncDispose]()
    await lake?.[Symbol.asyncDispose]()
    await rm(dir, { recursive: true, force: true })
  })

  async function load(
    month: number,
    files: Readonly<Record<string, readonly (object | string)[]>>,
  ): Promise<LoadReceipt | undefined> {
    const folder = join(dir, `export-${month}`)
    for (const [name, lines] of Object.entries(files)) {
      await mkdir(join(folder, name, '..'), { recursive: true })
      await writeFile(
        join(folder, name),
        lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''),
      )
    }
    const [receipt] = await lake.load({ folders: [folder], exportGroup: 'g', exportTimestamp: `2024-0${month}-02T00:00:00Z` })
    return receipt
  }

  /** The same rows by `floe query` and by the other reader. */
  async function bothSee(table: string): Promise<Rows> {
    const { rows } = await lake.query(`select * from ${table} order by id`)
    const ours = (await Array.fromAsync(rows)).flat().map(comparable) as Rows
    const theirs = (await peer.call<Rows>({ do: 'rows', table })).map(comparable) as Rows
    expect(theirs.toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))).toEqual(ours)
    return ours
  }

  test('sees the rows of floe query after a load, each line as it was', async () => {
    const lines = [observation('o1', 1, '1.10'), observation('o2', 1, '72')]
    await load(1, { 'Patient.000.ndjson': [patient('a', 1), patient('b', 1), patient('c', 1)], 'Observation.000.ndjson': lines })
    expect(await bothSee('silver.patient')).toHaveLength(3)
    expect((await bothSee('silver.observation')).map((row) => row._raw)).toEqual(lines)
  })

  test('after an upsert that adds a nested field', async () => {
    await load(2, {
      'Patient.000.ndjson': [patient('b', 2, { name: [{ family: 'New', suffix: ['Jr'] }], active: true }), patient('d', 2)],
    })
    const rows = await bothSee('silver.patient')
    expect(rows.map(({ id, _version_id }) => `${id} ${_version_id}`)).toEqual(['a 1', 'b 2', 'c 1', 'd 2'])
    expect(rows[1]).toMatchObject({ active: true, name: [{ family: 'New', suffix: ['Jr'] }] })
  })

  test('after a delete', async () => {
    const request = (url: string) => ({ request: { method: 'DELETE', url } })
    const bundle = { resourceType: 'Bundle', type: 'transaction', entry: [request('Patient/c'), request('Observation/o2')] }
    await load(3, { 'Patient.000.ndjson': [patient('e', 3)], 'deleted/Bundle.000.ndjson': [bundle] })
    expect((await bothSee('silver.patient')).map(({ id }) => id)).toEqual(['a', 'b', 'd', 'e'])
    expect((await bothSee('silver.observation')).map(({ id }) => id)).toEqual(['o1'])
  })

  test('changes made by pyiceberg are kept, and the next load goes on from them', async () => {
    await peer.call({ do: 'append', table: 'silver.patient', rows: [{ id: 'py', _source: 'default', _export_id: 'python' }] })
    await peer.call({ do: 'delete', table: 'silver.patient', filter: "id == 'a'" })
    expect((await bothSee('silver.patient')).map(({ id }) => id)).toEqual(['b', 'd', 'e', 'py'])
    await load(4, { 'Patient.000.ndjson': [patient('b', 4, { gender: 'female' }), patient('py', 4)] })
    const rows = await bothSee('silver.patient')
    expect(rows.map(({ id, _version_id }) => `${id} ${_version_id}`)).toEqual(['b 4', 'd 2', 'e 3', 'py 4'])
  })
})
