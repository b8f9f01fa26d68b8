/**
 * Bytes of tables: table metadata, manifest lists, manifests. Read as a table is read, so that the error is the one users see.
 */
import { Readable } from 'node:stream'
import { isDeepStrictEqual } from 'node:util'
import avro from 'avsc'
import { LakeError } from '../packages/lake/src/errors.ts'
import type { AvroRecord } from '../packages/lake/src/iceberg/avro.ts'
import { avroType, decodeRecords, readContainer, writeContainer } from '../packages/lake/src/iceberg/avro.ts'
import type { ManifestFile } from '../packages/lake/src/iceberg/manifest-list.ts'
import { serializeMetadata } from '../packages/lake/src/iceberg/metadata-json.ts'
import { loadManifest, loadManifestList, loadMetadata } from '../packages/lake/src/iceberg/table-files.ts'
import type { Storage } from '../packages/lake/src/storage/storage.ts'
import { Finding, failingLater, only, type Target } from './target.ts'

let input: Buffer = Buffer.alloc(0)
let number = 0
/** One object under ever new names: what was read is kept by its name. */
const storage: Pick<Storage, 'read'> = { read: () => Promise.resolve(input) }
const fresh = (bytes: Buffer): string => {
  input = bytes
  return `file:///lake/${number++}`
}
const own = only(LakeError)

const metadata: Target = {
  ...{
    seeds: [],
    json: true,
    words: ['"format-version":1', '"current-snapshot-id":-1', '9123456789012345678', '"schemas":null'],
  },
  async run(bytes) {
    const table = await failingLater(own, () => loadMetadata(fresh(bytes), storage as Storage))
    if (table === undefined) return
    const text = await failingLater(own, async () => serializeMetadata(table))
    if (text === undefined) return
    const again = await loadMetadata(fresh(Buffer.from(text)), storage as Storage)
    if (!isDeepStrictEqual(again, table)) throw new Finding('written and read again it is another table')
  },
}

const manifestList: Target = {
  ...{ seeds: [], words: ['avro.codec', 'avro.schema', 'Obj\u0001', 'null', 'zstandard'] },
  async run(bytes) {
    await failingLater(own, () => loadManifestList({ 'manifest-list': fresh(bytes) } as never, storage as Storage))
  },
}

const listed: Omit<ManifestFile, 'path'> = {
  ...{ length: 1, specId: 0, content: 'data', sequenceNumber: 1, minSequenceNumber: 1, addedSnapshotId: '1', addedFiles: 1 },
  ...{ existingFiles: 0, deletedFiles: 0, addedRows: 1, existingRows: 0, deletedRows: 0, partitions: [] },
}

const manifest: Target = {
  ...{ seeds: [], words: ['avro.codec', 'avro.schema', 'Obj\u0001', '"fields":[', '"field-id":'] },
  async run(bytes) {
    for (const level of ['none', 'bounds', 'all'] as const) {
      await failingLater(own, () => loadManifest({ ...listed, path: fresh(bytes) }, level, storage as Storage))
    }
  },
}

const schema = {
  ...{ type: 'record', name: 'r' },
  fields: [
    { name: 'id', type: 'long' },
    { name: 'text', type: ['null', 'string'], default: null },
    { name: 'list', type: { type: 'array', items: 'int' } },
    { name: 'map', type: { type: 'map', values: 'double' } },
  ],
}
const records = [1, 2, 3].map((id) => ({ id, text: id === 2 ? null : `t${id}`, list: [id, -id], map: { a: id / 2 } }))

/** What we read of a container, avsc itself reads the same. */
const container: Target = {
  seeds: [writeContainer({ schema, type: avroType(schema), records, metadata: { note: 'x' } })],
  words: ['avro.codec', 'null', 'deflate', 'Obj\u0001'],
  async run(bytes) {
    // Whoever reads a table names every error of the container itself.
    const ours = await failingLater(
      () => true,
      async () => {
        const read = readContainer(bytes)
        if (JSON.stringify(read.schema) !== JSON.stringify(schema)) return undefined
        return { read: decodeRecords(read, avroType(schema)), count: read.blocks.length }
      },
    )
    if (ours === undefined || ours.count === 0) return
    const theirs = await readByAvsc(bytes)
    if (theirs !== undefined && JSON.stringify(theirs) !== JSON.stringify(ours.read))
      throw new Finding('avsc reads other records')
  },
}

function readByAvsc(bytes: Buffer): Promise<AvroRecord[] | undefined> {
  return new Promise((resolve) => {
    const found: AvroRecord[] = []
    const decoder = new avro.streams.BlockDecoder({ parseHook: (each: never) => avroType(each) } as never)
    decoder.on('data', (record: AvroRecord) => found.push(record))
    decoder.on('error', () => resolve(undefined))
    decoder.on('end', () => resolve(found))
    Readable.from([bytes]).pipe(decoder)
  })
}

export const metadataTargets: Record<string, Target> = {
  ...{
    'iceberg-metadata': metadata,
    'iceberg-manifest-list': manifestList,
    'iceberg-manifest': manifest,
    'avro-container': container,
  },
}
