import { expect, test } from 'vitest'
import type { Table } from '../iceberg/table.ts'
import { asOf } from './as-of.ts'

const table = (name: string, snapshots: Record<string, number>, tags: Record<string, string> = {}): Table =>
  ({
    name,
    metadata: {
      snapshots: Object.entries(snapshots).map(([id, time]) => ({ 'snapshot-id': id, 'timestamp-ms': time })),
      'snapshot-log': Object.entries(snapshots).map(([id, time]) => ({ 'snapshot-id': id, 'timestamp-ms': time })),
      refs: Object.fromEntries(Object.entries(tags).map(([tag, id]) => [tag, { 'snapshot-id': id, type: 'tag' }])),
    },
  }) as unknown as Table

const patient = table('patient', { 11: 1000, 12: 2000 }, { a: '11', b: '12', 'other/a': '12' })
const encounter = table('encounter', { 21: 1000 }, { a: '21' })
const tables = [patient, encounter]
const exports = [
  { source: 'default', export_id: 'a' },
  { source: 'default', export_id: 'b' },
  { source: 'other', export_id: 'a' },
]

test.each<[string, unknown, unknown]>([
  ['b', { tag: 'b' }, { at: 2000 }],
  ['default/a', { tag: 'a' }, { tag: 'a' }],
  ['other/a', { tag: 'other/a' }, { at: 2000 }],
  ['11', { snapshotId: '11' }, { at: 1000 }],
  ['1970-01-01T00:00:01.500Z', { at: 1500 }, { at: 1500 }],
])('%s', (text, ofPatient, ofEncounter) => {
  const choose = asOf(text, tables, exports)
  expect([choose(patient), choose(encounter)]).toEqual([ofPatient, ofEncounter])
})

test('an export that grew is as of its last load, where the history reaches so far', () => {
  const twice = [table('patient', { 11: 1000, 12: 2000 }, { g: '11' }), table('condition', { 31: 3000 }, { g: '31' })]
  const choose = asOf('g', twice, [])
  expect(twice.map(choose)).toEqual([{ at: 3000 }, { tag: 'g' }])
  const [first] = twice
  const forgotten = { ...first, metadata: { ...first?.metadata, 'snapshot-log': [] } } as unknown as Table
  expect(asOf('g', [forgotten, ...twice.slice(1)], [])(forgotten)).toEqual({ tag: 'g' })
})

test('an id of two sources is refused, naming both', () => {
  expect(() => asOf('a', tables, exports)).toThrow(
    expect.objectContaining({ exitCode: 2, hint: 'Say which: default/a or other/a' }),
  )
})

test.each(['nothing', '99', '2026-13-45', ''])('%j is unknown', (text) => {
  expect(() => asOf(text, tables, exports)).toThrow(expect.objectContaining({ code: 'usage', exitCode: 2 }))
})
