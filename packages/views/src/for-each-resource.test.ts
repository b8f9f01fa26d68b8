import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { compile, evaluate } from './index.ts'

const patients = [
  { resourceType: 'Patient', id: 'p1', gender: 'male', name: [{ family: 'A' }, { family: 'B' }] },
  { resourceType: 'Patient', id: 'p2', gender: 'female', name: [{ family: 'C' }] },
  { resourceType: 'Patient', id: 'p3' },
].map((each) => JSON.stringify(each))

const id = { column: [{ name: 'id', path: 'id' }] }
const names = { forEach: 'name', column: [{ name: 'family', path: 'family' }] }
const male = "where(gender = 'male')"
const key = { name: 'key', path: 'getResourceKey()' }

test.each<[string, object[], unknown[]]>([
  ['forEach', [{ forEach: male, ...id }], [['p1']]],
  ['forEach of all', [{ forEach: '$this', ...id }], [['p1'], ['p2'], ['p3']]],
  [
    'forEach with what is below',
    [{ forEach: male, ...id, select: [names] }],
    [
      ['p1', 'A'],
      ['p1', 'B'],
    ],
  ],
  ['forEach beside a column', [id, { forEach: male, column: [key, { name: 'at', path: '%rowIndex' }] }], [['p1', 'p1', 0]]],
  [
    'forEachOrNull',
    [id, { forEachOrNull: male, column: [key, { name: 'g', path: 'gender.exists()' }] }],
    [
      ['p1', 'p1', true],
      ['p2', null, null],
      ['p3', null, null],
    ],
  ],
  [
    'unionAll',
    [
      {
        unionAll: [
          { forEach: male, ...id },
          { forEach: "where(gender = 'female')", ...id },
        ],
      },
    ],
    [['p1'], ['p2']],
  ],
  [
    'below a forEachOrNull',
    [id, { forEachOrNull: 'name', select: [{ forEach: '%resource.where(active.empty())', column: [key] }] }],
    [
      ['p1', 'p1'],
      ['p1', 'p1'],
      ['p2', 'p2'],
      ['p3', null],
    ],
  ],
])('the resource itself in %s', async (_, select, expected) => {
  const view = { resource: 'Patient', select }
  const { columns, rows } = evaluate(view, patients)
  expect(rows.map((row) => columns.map(({ name }) => row[name]))).toEqual(expected)
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const values = patients.map((line) => `('${line}')`).join(', ')
  const { sql } = compile(view, { source: { kind: 'json', sql: `(select json from (values ${values}) as lines(json))` } })
  expect((await connection.runAndReadAll(sql)).getRowsJson().sort()).toEqual(expected.toSorted())
  connection.closeSync()
  instance.closeSync()
})
