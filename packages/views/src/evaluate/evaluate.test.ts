import { describe, expect, test } from 'vitest'
import { evaluate } from '../index.ts'

const column = (name: string, path: string, collection?: boolean) => ({
  name,
  path,
  ...(collection !== undefined && { collection }),
})
const rows = (resource: string, select: object[], resources: unknown[], where?: string) =>
  evaluate({ resource, select, ...(where !== undefined && { where: [{ path: where }] }) }, resources).rows

const named = { resourceType: 'Patient', id: 'p1', name: [{ family: 'A', given: ['x', 'y'] }, { family: 'B' }] }
const nameless = { resourceType: 'Patient', id: 'p2' }

describe('rows', () => {
  test('an empty forEachOrNull gives one row of nulls, also of literals and of what is nested, %rowIndex 0', () => {
    const select = [
      { column: [column('id', 'id')] },
      {
        forEachOrNull: 'name',
        column: [column('name', '%rowIndex'), column('family', 'family'), column('has', 'given.exists()'), column('one', "'1'")],
        select: [{ forEach: 'given', column: [column('given', '$this'), column('index', '%rowIndex')] }],
      },
    ]
    expect(rows('Patient', select, [named, nameless])).toEqual([
      { id: 'p1', name: 0, family: 'A', has: true, one: '1', given: 'x', index: 0 },
      { id: 'p1', name: 0, family: 'A', has: true, one: '1', given: 'y', index: 1 },
      { id: 'p2', name: 0, family: null, has: null, one: null, given: null, index: 0 },
    ])
  })

  test('siblings are joined with one another; a unionAll keeps %rowIndex of where it stands', () => {
    const select = [
      {
        forEach: 'name',
        column: [column('a', 'family')],
        select: [
          { unionAll: [{ column: [column('b', '%rowIndex')] }, { forEach: 'given', column: [column('b', '%rowIndex')] }] },
        ],
      },
    ]
    expect(rows('Patient', select, [named])).toEqual([
      { a: 'A', b: 0 },
      { a: 'A', b: 0 },
      { a: 'A', b: 1 },
      { a: 'B', b: 1 },
    ])
  })

  test('repeat goes to any depth in pre-order, in the order of the paths', () => {
    const deep = (depth: number): object => ({ linkId: `${depth}`, ...(depth < 40 && { item: [deep(depth + 1)] }) })
    const answered = { linkId: 'a', answer: [{ item: [{ linkId: 'c' }] }], item: [{ linkId: 'b' }] }
    const response = { resourceType: 'QuestionnaireResponse', item: [answered, deep(0)] }
    const found = rows(
      'QuestionnaireResponse',
      [{ repeat: ['item', 'answer.item'], column: [column('id', 'linkId'), column('n', '%rowIndex')] }],
      [response],
    )
    expect(found.slice(0, 4)).toEqual([
      { id: 'a', n: 0 },
      { id: 'b', n: 1 },
      { id: 'c', n: 2 },
      { id: '0', n: 3 },
    ])
    expect(found).toHaveLength(44)
  })

  test('resources of other types and contained ones are no rows', () => {
    const observation = { resourceType: 'Observation', contained: [nameless] }
    expect(rows('Patient', [{ column: [column('id', 'id')] }], [observation, nameless, 'null', '[]'])).toEqual([{ id: 'p2' }])
  })
})

describe('errors while running', () => {
  test.each([
    [
      'several values in a column',
      [{ column: [column('v', 'name.family')] }],
      undefined,
      'column v: several values where one is expected, and it is not a collection',
    ],
    [
      'several values before an operator',
      [{ column: [column('v', "name.family + 'x'")] }],
      undefined,
      "column v: several values where one is expected: name.family + 'x'",
    ],
    ['a where that is not boolean', [{ column: [column('v', 'id')] }], 'id', 'where[0] is not boolean: id'],
  ])('%s', (_, select, where, message) => {
    expect(() => rows('Patient', select, [named], where)).toThrow(message)
  })

  test('a where that is not boolean is none where it has no value', () => {
    expect(rows('Patient', [{ column: [column('v', 'id')] }], [nameless], 'name.family.first()')).toEqual([])
  })
})

test('digits count as they are written when resources come as text', () => {
  const text = '{"resourceType":"Observation","valueQuantity":{"value":1.10}}'
  const view = {
    resource: 'Observation',
    select: [
      { column: [column('low', 'value.ofType(Quantity).value.lowBoundary()'), column('value', 'value.ofType(Quantity).value')] },
    ],
  }
  expect(evaluate(view, [text]).rows).toEqual([{ low: 1.095, value: 1.1 }])
  expect(evaluate(view, [JSON.parse(text)]).rows).toEqual([{ low: 1.05, value: 1.1 }])
})
