import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from '../engine/duckdb.ts'
import { literal } from '../engine/sql.ts'
import { openLake } from '../lake.ts'
import { writeFolder } from '../replay/folders.suite.ts'
import type { Lake } from '../types.ts'
import { cumulusTypes } from './cumulus-shape.ts'

let root: string
let lake: Lake
let engine: Engine
const lines = [
  '{"resourceType":"Patient","id":"p1", "gender":"female","birthDate":"1970-05","active":true,"multipleBirthInteger":2}',
  '{"resourceType":"Patient","id":"p2","name":[{"family":"a \\"quoted\\"\\nname","given":["x","y"]}]}',
]
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-out-'))
  const folder = await writeFolder(root, {
    name: 'one',
    time: '2026-01-01T00:00:00.000Z',
    types: {
      Patient: lines,
      Encounter: [{ id: 'e1', status: 'finished', class: { code: 'AMB' }, period: { start: '2026-01-01' } }],
      Condition: [
        { id: 'c1', code: { coding: [{ code: '38341003' }] }, subject: { reference: 'Patient/p1', identifier: { value: 'x' } } },
      ],
      Observation: [{ id: 'o1', status: 'final', valueQuantity: { value: 1.1 }, component: [{ code: { text: 't' } }] }],
    },
  })
  lake = await openLake({ dir: join(root, 'lake'), create: true })
  await lake.load({ folders: [folder] })
  engine = await openEngine({ tempDir: join(root, 'tmp'), threads: 1 })
}, 60_000)
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await lake.close()
  await rm(root, { recursive: true })
})

describe('cumulus', () => {
  test('every table of the Library, text dates, whole Codings, rows as loaded', async () => {
    const file = join(root, 'cumulus.duckdb')
    const receipt = await lake.out({ kind: 'cumulus', file })
    expect(receipt.tables.filter(({ rows }) => rows > 0)).toEqual([
      { table: 'condition', rows: 1 },
      { table: 'encounter', rows: 1 },
      { table: 'observation', rows: 1 },
      { table: 'patient', rows: 2 },
      { table: 'etl__completion', rows: 4 },
      { table: 'etl__completion_encounters', rows: 1 },
    ])
    await engine.run(`attach ${literal(file)} as c (read_only)`)
    const columns = await engine.all<{ t: string; c: string; d: string }>(
      `select table_name as t, column_name as c, data_type as d from duckdb_columns() where database_name = 'c' and schema_name = 'main'`,
    )
    const tables = new Set(columns.map(({ t }) => t))
    const names = [
      ...cumulusTypes.map((type) => type.toLowerCase()),
      'etl__completion',
      'etl__completion_encounters',
      'pyarrow_cache',
    ]
    expect([...tables].toSorted()).toEqual(names.toSorted())
    const typeOf = (table: string, column: string) => columns.find(({ t, c }) => t === table && c === column)?.d
    const coding = 'STRUCT(id VARCHAR, "system" VARCHAR, "version" VARCHAR, code VARCHAR, display VARCHAR, userSelected BOOLEAN)'
    expect({
      birthDate: typeOf('patient', 'birthDate'),
      class: typeOf('encounter', 'class'),
      code: typeOf('condition', 'code'),
      subject: typeOf('condition', 'subject'),
      extension: typeOf('patient', 'extension'),
      cache: columns.filter(({ t }) => t === 'pyarrow_cache').map(({ c, d }) => `${c} ${d}`),
      control: columns.filter(({ c }) => /^_(source|raw|patient)$/.test(c)),
      dates: columns.filter(({ d }) => /DATE|TIME/.test(d)),
    }).toEqual({
      birthDate: 'VARCHAR',
      class: coding,
      code: `STRUCT(id VARCHAR, coding ${coding}[], "text" VARCHAR)`,
      subject: 'STRUCT(id VARCHAR, reference VARCHAR, "type" VARCHAR, display VARCHAR)',
      extension: expect.stringContaining(`"extension" STRUCT(url VARCHAR, valueString VARCHAR, valueCoding ${coding})[]`),
      cache: ['table_name VARCHAR', 'file_array VARCHAR', 'schema VARCHAR'],
      control: [],
      dates: [],
    })
    expect(
      await engine.all('select id, gender, birthDate, active, multipleBirthInteger as n from c.patient order by id'),
    ).toEqual([
      { id: 'p1', gender: 'female', birthDate: '1970-05', active: true, n: 2 },
      { id: 'p2', gender: null, birthDate: null, active: null, n: null },
    ])
    const [version] = await engine.all<{ v: string }>(
      `select tags::varchar as v from duckdb_databases() where database_name = 'c'`,
    )
    expect(version?.v).toContain('v1.0.0')
    await engine.run('detach c')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    await expect(lake.out({ kind: 'cumulus', file })).rejects.toMatchObject({ exitCode: 2 })
    await lake.out({ kind: 'cumulus', file }, { overwrite: true })
  }, 60_000)

  test('without texts the rows are the same', async () => {
    await using bare = await openLake({ dir: join(root, 'bare'), create: true })
    await bare.load({ folders: [join(root, 'one')], raw: false })
    const [a, b] = [join(root, 'with.duckdb'), join(root, 'without.duckdb')]
    await lake.out({ kind: 'cumulus', file: a })
    await bare.out({ kind: 'cumulus', file: b })
    await engine.run(`attach ${literal(a)} as a (read_only); attach ${literal(b)} as b (read_only)`)
    for (const table of ['patient', 'encounter', 'condition', 'observation']) {
      const [row] = await engine.all(`select count(*) as n from (select * from a.${table} except all select * from b.${table})`)
      expect([table, row]).toEqual([table, { n: 0 }])
    }
    await engine.run('detach a; detach b')
  }, 60_000)

  test('two sources with one id need a choice', async () => {
    await using two = await openLake({ dir: join(root, 'two'), create: true })
    for (const source of ['a', 'b']) await two.load({ folders: [join(root, 'one')], source })
    const file = join(root, 'two.duckdb')
    await expect(two.out({ kind: 'cumulus', file })).rejects.toMatchObject({ exitCode: 2 })
    const { tables } = await two.out({ kind: 'cumulus', file, source: 'a' })
    expect(tables.find(({ table }) => table === 'patient')?.rows).toBe(2)
  }, 60_000)
})

describe('files', () => {
  test('NDJSON of silver is the text as loaded', async () => {
    const dir = join(root, 'ndjson')
    const receipt = await lake.out({ kind: 'ndjson', dir, tables: ['silver.patient', 'floe.completion'] })
    expect(receipt.tables).toEqual([
      { table: 'silver.patient', rows: 2, file: 'silver/patient.ndjson' },
      { table: 'floe.completion', rows: 4, file: 'floe/completion.ndjson' },
    ])
    const text = await readFile(join(dir, 'silver/patient.ndjson'), 'utf8')
    expect(text.trimEnd().split('\n').toSorted()).toEqual(lines.toSorted())
    const [first] = (await readFile(join(dir, 'floe/completion.ndjson'), 'utf8')).split('\n')
    expect(JSON.parse(first ?? '')).toMatchObject({ source: 'default', export_id: 'one' })
    await expect(lake.out({ kind: 'ndjson', dir, tables: ['silver.patient'] })).rejects.toMatchObject({ exitCode: 2 })
    await lake.out({ kind: 'ndjson', dir, tables: ['silver.patient'] }, { overwrite: true })
    expect(await readFile(join(dir, 'silver/patient.ndjson'), 'utf8')).toBe(text)
  })

  test('CSV has nested values as JSON; Parquet has them nested', async () => {
    const dir = join(root, 'tables')
    for (const kind of ['csv', 'parquet'] as const) await lake.out({ kind, dir, tables: ['silver.patient'] })
    const csv = join(dir, 'silver/patient.csv')
    const read = `select id, name from read_csv(${literal(csv)}, all_varchar = true, header = true) order by id`
    expect(await engine.all(read)).toEqual([
      { id: 'p1', name: null },
      { id: 'p2', name: '[{"family":"a \\"quoted\\"\\nname","given":["x","y"]}]' },
    ])
    const parquet = join(dir, 'silver/patient.parquet')
    expect(await engine.all(`select name[1].family as family from read_parquet(${literal(parquet)}) where id = 'p2'`)).toEqual([
      { family: 'a "quoted"\nname' },
    ])
    expect((await stat(csv)).mode & 0o777).toBe(0o600)
    await expect(lake.out({ kind: 'csv', dir, tables: ['silver.none'] })).rejects.toMatchObject({ exitCode: 2 })
  })
})
