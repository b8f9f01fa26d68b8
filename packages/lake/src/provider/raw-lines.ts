import type { Engine } from '../engine/engine.ts'
import { ident, literal, literals } from '../engine/sql.ts'
import { type PlannedFile, type ScanPlan, scanSql } from '../iceberg/plan.ts'
import { rawColumn } from '../silver/columns.ts'
import { localPath } from '../storage/local.ts'
import { type TextChunk, textColumn } from './text-column.ts'

export interface RawLines {
  /** The files to read. */
  readonly part: ScanPlan
  /** A relation (_file, _pos) of the rows to hand on; undefined: all of them. */
  readonly places: string | undefined
  readonly signal?: AbortSignal | undefined
  /** So many rows have no text: another program wrote them. */
  readonly onMissing?: ((rows: number) => void) | undefined
}

/**
 * The texts of chosen rows as they are stored, in batches that are good until the next one is asked for.
 *
 * The engine says which rows; their texts do not pass through it (ADR 0010). Files that are packed in another way than floe's own
 * are read by the engine all the same.
 */
export async function* rawLines(
  engine: Engine,
  { part, places, signal, onMissing }: RawLines,
): AsyncGenerator<readonly Uint8Array[]> {
  const chosen = places === undefined ? undefined : await chosenRows(engine, part, places, signal)
  const layouts = await textChunks(engine, part)
  for (const file of part.files) {
    const rows = chosen?.get(file.file.path)
    if (chosen !== undefined && rows === undefined) continue
    const wanted = rows === undefined ? () => true : (row: number) => ((rows[row >> 3] ?? 0) & (1 << (row & 7))) !== 0
    const path = localPath(file.file.path)
    const chunks = layouts.get(path)
    const stop = signal === undefined ? {} : { signal }
    const texts =
      chunks === undefined ? engineTexts(engine, part, file, wanted, signal) : textColumn({ path, chunks, wanted, ...stop })
    let found = 0
    for await (const batch of texts) {
      signal?.throwIfAborted()
      found += batch.length
      yield batch
    }
    const missing = (rows === undefined ? file.file.records : bitsOf(rows)) - found
    if (missing > 0) onMissing?.(missing)
  }
}

/** By data file: a bit for each row of it. */
async function chosenRows(
  engine: Engine,
  part: ScanPlan,
  places: string,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, Uint8Array>> {
  const records = new Map(part.files.map(({ file }) => [file.path, file.records]))
  const chosen = new Map<string, Uint8Array>()
  for await (const rows of engine.stream(places, signal === undefined ? {} : { signal })) {
    for (const { _file, _pos } of rows as unknown as readonly { _file: string; _pos: number }[]) {
      const bits = chosen.get(_file) ?? new Uint8Array(Math.ceil((records.get(_file) ?? 0) / 8))
      chosen.set(_file, bits)
      bits[_pos >> 3] = (bits[_pos >> 3] ?? 0) | (1 << (_pos & 7))
    }
  }
  return chosen
}

function bitsOf(bytes: Uint8Array): number {
  let count = 0
  for (const byte of bytes) for (let rest = byte; rest !== 0; rest &= rest - 1) count++
  return count
}

interface ChunkRow {
  readonly path: string
  readonly rows: number
  readonly start: number
  readonly bytes: number
  readonly encodings: string
  readonly compression: string
  readonly optional: boolean
}

/** Where the texts lie in each file that keeps them as floe writes them: plain, with zstd or without. */
async function textChunks(engine: Engine, { files, schema }: ScanPlan): Promise<ReadonlyMap<string, readonly TextChunk[]>> {
  const raw = schema.fields.find(({ name }) => name === rawColumn)
  const known = files.filter(
    ({ written }) => written?.fields.some(({ id, name }) => id === raw?.id && name === rawColumn) === true,
  )
  if (known.length === 0) return new Map()
  const paths = literals(known.map(({ file }) => localPath(file.path)))
  const rows = await engine.all<ChunkRow>(`select m.file_name as path, m.row_group_num_rows as rows,
      coalesce(m.dictionary_page_offset, m.data_page_offset) as start, m.total_compressed_size as bytes,
      m.encodings, m.compression, s.optional
    from parquet_metadata(${paths}) m
    join (select file_name, bool_or(repetition_type <> 'REQUIRED') as optional, count(*) as n
          from parquet_schema(${paths}) where name = ${literal(rawColumn)} group by file_name) s
      on s.file_name = m.file_name and s.n = 1
    where m.path_in_schema = ${literal(rawColumn)} and m.type = 'BYTE_ARRAY'
    order by m.file_name, m.row_group_id`)
  const found = new Map<string, TextChunk[]>()
  for (const [path, groups] of Map.groupBy(rows, (row) => row.path)) {
    if (!groups.every(readable)) continue
    let firstRow = 0
    const chunks: TextChunk[] = []
    for (const { rows: count, start, bytes, compression, optional } of groups) {
      chunks.push({ start, bytes, zstd: compression === 'ZSTD', optional, firstRow, rows: count })
      firstRow += count
    }
    found.set(path, chunks)
  }
  return found
}

function readable({ encodings, compression }: ChunkRow): boolean {
  const plain = encodings.split(/[,\s]+/).every((one) => one === 'PLAIN' || one === 'RLE' || one === 'BIT_PACKED')
  return plain && (compression === 'ZSTD' || compression === 'UNCOMPRESSED')
}

async function* engineTexts(
  engine: Engine,
  part: ScanPlan,
  file: PlannedFile,
  wanted: (row: number) => boolean,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly Uint8Array[]> {
  const bare = { ...part, files: [{ ...file, deletes: [] }] }
  const sql = `select _pos, ${ident(rawColumn)} as raw from (${scanSql(bare, { columns: [rawColumn], positions: true })})`
  for await (const rows of engine.stream(sql, signal === undefined ? {} : { signal })) {
    yield (rows as unknown as readonly { _pos: number; raw: string | null }[]).flatMap(({ _pos, raw }) =>
      raw !== null && wanted(_pos) ? [Buffer.from(raw)] : [],
    )
  }
}
