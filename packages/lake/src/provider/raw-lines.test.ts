import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/sql.ts'
import type { PlannedFile, ScanPlan } from '../iceberg/plan.ts'
import { rawLines } from './raw-lines.ts'
import { type TextChunk, textColumn } from './text-column.ts'

let dir: string
let engine: Engine
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-raw-'))
  engine = await openEngine({ tempDir: join(dir, 'tmp') })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

const short = `'{"id":"' || i || '","text":"' || repeat('ä', (i % 50)::int) || '"}'`
const long = `'{"id":"' || i || '","text":"' || repeat(md5(i::varchar), case when i % 3 = 0 then 90000 else 1 end) || '"}'`
const kinds: readonly (readonly [name: string, rows: number, value: string, options: string])[] = [
  ['zstd, several row groups', 9000, short, 'compression zstd, row_group_size 2048'],
  ['not compressed', 3000, short, 'compression uncompressed'],
  ['values of megabytes over many pieces', 40, long, 'compression zstd, row_group_size 16'],
  ['nulls here and there', 5000, `case when i % 7 > 0 then ${short} end`, 'compression zstd'],
  ['nulls in long runs', 5000, `case when i < 2000 or i > 4000 then ${short} end`, 'compression zstd, row_group_size 2048'],
  ['snappy, left to the engine', 3000, short, 'compression snappy'],
  ['a dictionary, left to the engine', 5000, `repeat('same text ', 20) || i % 5`, 'compression zstd'],
]

/** A data file with ids and texts, and the plan that reads it. */
async function made(
  name: string,
  [, rows, value, options]: (typeof kinds)[number],
): Promise<{ part: ScanPlan; texts: (string | null)[] }> {
  const path = join(dir, `${name.replace(/\W/g, '-')}.parquet`)
  await engine.run(
    `copy (select i::varchar as id, ${value} as _raw from range(${rows}) t(i)) to ${literal(path)} (format parquet, ${options})`,
  )
  const texts = (
    await engine.all<{ t: string | null }>(`select _raw as t from read_parquet(${literal(path)}) order by file_row_number`)
  ).map(({ t }) => t)
  const field = (id: number, called: string) => ({ id, name: called, required: false, type: 'string' })
  const schema = { type: 'struct' as const, 'schema-id': 0, fields: [field(1, 'id'), field(2, '_raw')] }
  const file = {
    content: 'data' as const,
    path: `file://${path}`,
    format: 'PARQUET',
    specId: 0,
    partition: [],
    records: rows,
    bytes: 0,
  }
  const planned: PlannedFile = { file, sequenceNumber: 1, written: schema, deletes: [], shielded: false }
  return { part: { schema, snapshot: undefined, files: [planned], idleDeletes: [], schemas: [schema] }, texts }
}

async function read(part: ScanPlan, places?: string): Promise<{ texts: string[]; missing: number }> {
  const texts: string[] = []
  let missing = 0
  const onMissing = (rows: number): void => {
    missing += rows
  }
  for await (const batch of rawLines(engine, { part, places, onMissing })) {
    for (const bytes of batch) texts.push(Buffer.from(bytes).toString())
  }
  return { texts, missing }
}

test.each(kinds)('%s: all rows, and some of them', async (...kind) => {
  const { part, texts } = await made(kind[0], kind)
  const there = texts.filter((text) => text !== null)
  expect(await read(part)).toEqual({ texts: there, missing: texts.length - there.length })
  const chosen = texts.map((_, row) => row).filter((row) => (row * 7919) % 11 < 4)
  const places = `select ${literal(part.files[0]?.file.path ?? '')} as _file, unnest([${chosen.join(', ')}]) as _pos`
  const some = chosen.flatMap((row) => texts[row] ?? [])
  expect(await read(part, places)).toEqual({ texts: some, missing: chosen.length - some.length })
})

test('what is damaged is said, never handed on', async () => {
  const { part } = await made('damaged', kinds[0] as (typeof kinds)[number])
  const path = part.files[0]?.file.path.slice('file://'.length) ?? ''
  const [row] = await engine.all<{ start: number; bytes: number; rows: number }>(
    `select data_page_offset as start, total_compressed_size as bytes, row_group_num_rows as rows
     from parquet_metadata(${literal(path)}) where path_in_schema = '_raw' and row_group_id = 0`,
  )
  const whole: TextChunk = {
    start: row?.start ?? 0,
    bytes: row?.bytes ?? 0,
    zstd: true,
    optional: true,
    firstRow: 0,
    rows: row?.rows ?? 0,
  }
  const all = async (chunk: TextChunk): Promise<void> => {
    for await (const _ of textColumn({ path, chunks: [chunk], wanted: () => true }));
  }
  await all(whole)
  for (const wrong of [
    { rows: whole.rows + 1 },
    { start: whole.start + 7, bytes: whole.bytes - 7 },
    { zstd: false },
    { optional: false },
  ])
    await expect([wrong, await all({ ...whole, ...wrong }).catch((error: { code?: string }) => error.code)]).toEqual([
      wrong,
      'file-unreadable',
    ])
})
