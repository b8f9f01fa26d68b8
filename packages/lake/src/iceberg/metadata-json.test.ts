import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { parseMetadata, serializeMetadata } from './metadata-json.ts'

const schema = { type: 'struct', 'schema-id': 0, fields: [{ id: 1, name: 'id', required: true, type: 'string' }] }
const wide = '9123456789012345678'
const java = `{
  "format-version": 2, "table-uuid": "f79c3e09-677c-4bbd-a479-3f349cb785e7", "location": "file:/lake/warehouse/t",
  "last-sequence-number": 34, "last-updated-ms": 1602638573590, "last-column-id": 3, "current-schema-id": 0,
  "schemas": [${JSON.stringify(schema)}], "default-spec-id": 0, "partition-specs": [{"spec-id": 0, "fields": []}],
  "last-partition-id": 999, "default-sort-order-id": 0, "sort-orders": [{"order-id": 0, "fields": []}],
  "properties": {"owner": "x"}, "current-snapshot-id": ${wide},
  "refs": {"main": {"snapshot-id": ${wide}, "type": "branch"}, "e1": {"snapshot-id": 3051729675574597004, "type": "tag", "max-ref-age-ms": 9}},
  "snapshots": [
    {"snapshot-id": 3051729675574597004, "timestamp-ms": 1515100955770, "sequence-number": 0, "summary": {"operation": "append"},
     "manifest-list": "file:/lake/1.avro"},
    {"snapshot-id": ${wide}, "parent-snapshot-id": 3051729675574597004, "timestamp-ms": 1555100955770, "sequence-number": 1,
     "summary": {"operation": "append", "source-snapshot-id": "3051729675574597005"}, "manifest-list": "file:/lake/2.avro", "schema-id": 0}],
  "snapshot-log": [{"snapshot-id": ${wide}, "timestamp-ms": 1555100955770}], "metadata-log": [],
  "statistics": [{"snapshot-id": ${wide}, "statistics-path": "s.puffin"}], "vendor-number": 123456789012345678
}`

test('snapshot ids beyond 2^53 and what others keep there survive reading and writing', () => {
  const metadata = parseMetadata(Buffer.from(java))
  expect(metadata['current-snapshot-id']).toBe(wide)
  expect(metadata.refs.e1).toEqual({ 'snapshot-id': '3051729675574597004', type: 'tag', 'max-ref-age-ms': 9 })
  expect(metadata.snapshots.map((each) => each['parent-snapshot-id'])).toEqual([undefined, '3051729675574597004'])
  const again = serializeMetadata(metadata)
  for (const kept of [
    `"current-snapshot-id":${wide}`,
    '"parent-snapshot-id":3051729675574597004',
    `"snapshot-log":[{"snapshot-id":${wide},`,
    `"statistics":[{"snapshot-id":${wide},`,
    '"source-snapshot-id":"3051729675574597005"',
    '"vendor-number":123456789012345678',
  ]) {
    expect(again).toContain(kept)
  }
  expect(parseMetadata(Buffer.from(again))).toEqual(metadata)
})

describe('no snapshot', () => {
  const without = (value: string) => java.replace(`"current-snapshot-id": ${wide}`, `"current-snapshot-id": ${value}`)
  test.each(['-1', 'null'])('is written %s by others, and absent here', (value) => {
    expect(parseMetadata(Buffer.from(without(value)))['current-snapshot-id']).toBeUndefined()
  })
  test('is written as -1, as Java does', () => {
    expect(serializeMetadata(parseMetadata(Buffer.from(without('null'))))).toContain('"current-snapshot-id":-1')
  })
})

test.each(['"x"', '{}', '1.5', '[]'])('a snapshot id of %s is refused', (id) => {
  const text = java.replace(`"current-snapshot-id": ${wide}`, `"current-snapshot-id": ${id}`)
  expect(() => parseMetadata(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'metadata' }))
})

test('gzipped metadata is read', () => {
  expect(parseMetadata(gzipSync(java))).toEqual(parseMetadata(Buffer.from(java)))
})

test('version 1 comes out in the form of version 2', () => {
  const v1 = {
    'format-version': 1,
    'table-uuid': 'd20125c8-7284-442c-9aea-15fee620737c',
    location: 'file:/lake/warehouse/t',
    'last-updated-ms': 1602638573874,
    'last-column-id': 1,
    schema: { type: 'struct', fields: schema.fields },
    'partition-spec': [{ name: 'id', transform: 'identity', 'source-id': 1 }],
    properties: {},
    'current-snapshot-id': 7,
    snapshots: [{ 'snapshot-id': 7, 'timestamp-ms': 1, 'manifest-list': 'file:/lake/1.avro' }],
  }
  expect(parseMetadata(Buffer.from(JSON.stringify(v1)))).toMatchObject({
    'format-version': 1,
    'last-sequence-number': 0,
    'current-schema-id': 0,
    schemas: [{ 'schema-id': 0 }],
    'partition-specs': [{ 'spec-id': 0, fields: [{ 'field-id': 1000, name: 'id' }] }],
    'last-partition-id': 1000,
    'current-snapshot-id': '7',
    refs: { main: { 'snapshot-id': '7', type: 'branch' } },
    snapshots: [{ 'snapshot-id': '7', 'sequence-number': 0, summary: {} }],
  })
})

test.each(['4', '"2"'])('format version %s is refused', (version) => {
  const text = java.replace('"format-version": 2', `"format-version": ${version}`)
  expect(() => parseMetadata(Buffer.from(text))).toThrow(expect.objectContaining({ code: 'unsupported' }))
})

test('metadata without a schema is refused: there is no table to read', () => {
  const none = `{"format-version":2,"table-uuid":"u","location":"file:///t","last-updated-ms":1,"schemas":[],"partition-specs":[]}`
  expect(() => parseMetadata(Buffer.from(none))).toThrow(expect.objectContaining({ code: 'metadata' }))
})
