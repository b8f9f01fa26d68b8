import { describe, expect, test } from 'vitest'
import { fieldNodes, highestId, SchemaConflictError } from './schema.ts'
import { duckdbType, evolve, fieldIds, type Shape, type StructShape, shapeOf } from './shape.ts'

const patient: StructShape = {
  struct: {
    id: 'string',
    name: { list: { struct: { family: 'string', given: { list: 'string' } } } },
    birthDate: 'string',
    contact: { struct: { gender: 'string' } },
  },
}

test('ids are given level by level, and elements have ids of their own', () => {
  const schema = evolve(undefined, patient, { identifier: ['id'] })
  expect(fieldNodes(schema).map(({ id, path }) => `${id} ${path.join('.')}`)).toEqual([
    '1 id',
    '2 name',
    '3 birthDate',
    '4 contact',
    '5 name.element',
    '9 contact.gender',
    '6 name.element.family',
    '7 name.element.given',
    '8 name.element.given.element',
  ])
  expect(schema['identifier-field-ids']).toEqual([1])
  expect(schema.fields[0]).toMatchObject({ name: 'id', required: true })
  expect(highestId(schema)).toBe(9)
  expect(shapeOf(schema)).toEqual(patient)
})

describe('evolve widens only', () => {
  const grow = (have: Shape, want: Shape) => evolve(evolve(undefined, { struct: { a: have } }), { struct: { a: want } })
  const wider: readonly [have: Shape, want: Shape, result: Shape][] = [
    ['int', 'long', 'long'],
    ['long', 'int', 'long'],
    ['float', 'double', 'double'],
    ['double', 'float', 'double'],
    ['decimal(18,6)', 'decimal(38,6)', 'decimal(38,6)'],
    [{ struct: { b: 'int' } }, { struct: { c: 'string' } }, { struct: { b: 'int', c: 'string' } }],
    [
      { list: { struct: { b: 'int' } } },
      { list: { struct: { b: 'long', c: { list: 'string' } } } },
      { list: { struct: { b: 'long', c: { list: 'string' } } } },
    ],
  ]
  test.each(wider)('%j with %j', (have, want, result) => {
    expect(shapeOf(grow(have, want))).toEqual({ struct: { a: result } })
  })

  const conflicts: readonly [have: Shape, want: Shape, path: string][] = [
    ['string', 'int', 'a'],
    ['string', { list: 'string' }, 'a'],
    [{ list: 'string' }, { struct: { b: 'string' } }, 'a'],
    ['decimal(18,6)', 'decimal(18,2)', 'a'],
    [{ list: { struct: { b: 'string' } } }, { list: { struct: { b: 'boolean' } } }, 'a.element.b'],
  ]
  test.each(conflicts)('%j with %j is a conflict at %s', (have, want, path) => {
    expect(() => grow(have, want)).toThrow(SchemaConflictError)
    expect(() => grow(have, want)).toThrow(expect.objectContaining({ code: 'schema-conflict', path }))
  })
})

test('nothing new gives the same schema back, a part of the columns included', () => {
  const schema = evolve(undefined, patient)
  expect(evolve(schema, { struct: { id: 'string', contact: { struct: { gender: 'string' } } } })).toBe(schema)
})

test('new columns and new nested fields are optional, come last, and get fresh ids above those ever used', () => {
  const schema = evolve(undefined, patient, { identifier: ['id'] })
  const wide: StructShape = { struct: { active: 'boolean', name: { list: { struct: { suffix: { list: 'string' } } } } } }
  const next = evolve(schema, wide, { lastColumnId: 20 })
  const known = new Set(fieldNodes(schema).map(({ id }) => id))
  expect(
    fieldNodes(next)
      .filter(({ id }) => !known.has(id))
      .map(({ id, path, required }) => [id, path.join('.'), required]),
  ).toEqual([
    [23, 'active', false],
    [21, 'name.element.suffix', false],
    [22, 'name.element.suffix.element', false],
  ])
  expect(Object.keys(shapeOf(next).struct)).toEqual(['id', 'name', 'birthDate', 'contact', 'active'])
  expect(next['identifier-field-ids']).toEqual([1])
})

test('types and field ids for the engine, groups included', () => {
  const schema = evolve(undefined, { struct: { id: 'string', 'order "x"': { list: { struct: { a: 'decimal(38,12)' } } } } })
  expect(schema.fields.map(({ type }) => duckdbType(type))).toEqual(['VARCHAR', 'STRUCT("a" DECIMAL(38, 12))[]'])
  expect(duckdbType({ list: { struct: { when: 'timestamptz' } } })).toBe('STRUCT("when" TIMESTAMPTZ)[]')
  expect(fieldIds(schema)).toBe('{"id": 1, "order ""x""": {__duckdb_field_id: 2, element: {__duckdb_field_id: 3, "a": 4}}}')
  expect(() => duckdbType('variant')).toThrow(/variant/)
})
