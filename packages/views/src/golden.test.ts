import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { compile } from './index.ts'

const schema = {
  struct: {
    id: 'string',
    active: 'boolean',
    birthDate: 'string',
    deceasedDateTime: 'string',
    name: { list: { struct: { use: 'string', family: 'string', given: { list: 'string' } } } },
    contact: { list: { struct: { gender: 'string', telecom: { list: { struct: { value: 'string' } } } } } },
    managingOrganization: { struct: { reference: 'string' } },
  },
}
const view = {
  resource: 'Patient',
  constant: [{ name: 'use', valueCode: 'official' }],
  where: [{ path: 'birthDate >= @1950' }],
  select: [
    {
      column: [
        { name: 'id', path: 'getResourceKey()' },
        { name: 'organization_id', path: 'managingOrganization.getReferenceKey(Organization)' },
        { name: 'family', path: 'name.where(use = %use).family.first()' },
        { name: 'deceased', path: 'deceased.exists()' },
        { name: 'language', path: 'communication.language.text.first()' },
      ],
    },
    {
      forEachOrNull: 'contact',
      column: [
        { name: 'contact', path: '%rowIndex' },
        { name: 'known', path: "'yes'" },
      ],
      select: [
        {
          unionAll: [
            { forEach: 'telecom', column: [{ name: 'value', path: 'value' }] },
            { column: [{ name: 'value', path: 'gender' }] },
          ],
        },
      ],
    },
  ],
}
const rows = `(values
  ('p1', true, '1960-01', null::varchar, [{'use': 'usual', 'family': 'A', 'given': ['x']}, {'use': 'official', 'family': 'B', 'given': []}],
    [{'gender': 'male', 'telecom': [{'value': '1'}, {'value': '2'}]}], {'reference': 'Organization/o1'}),
  ('p2', true, '1951-12-31', '2020', [], [], null), ('p3', true, '1949', null, [], [], null), ('p4', true, null, null, [], [], null)
) as t(id, active, "birthDate", "deceasedDateTime", name, contact, "managingOrganization")`

test.each(['duckdb', 'spark'] as const)('the SQL of a view in %s (FLOE_WRITE_GOLDEN=1 writes it anew)', (dialect) => {
  const table = dialect === 'spark' ? '`silver`.`patient`' : '"silver"."patient"'
  const { sql } = compile(view, { dialect, schema, source: { kind: 'table', sql: table } })
  const file = join(import.meta.dirname, `golden/patient.${dialect}.sql`)
  if (process.env.FLOE_WRITE_GOLDEN) writeFileSync(file, `${sql}\n`)
  expect(`${sql}\n`).toBe(readFileSync(file, 'utf8'))
})

test('the SQL gives the rows', async () => {
  const instance = await DuckDBInstance.create(':memory:')
  const connection = await instance.connect()
  const { sql } = compile(view, { dialect: 'duckdb', schema, source: { kind: 'table', sql: rows } })
  const found = (await connection.runAndReadAll(`select * from (${sql}) order by all`)).getRows()
  expect(found).toEqual([
    ['p1', 'o1', 'B', false, null, 0, 'yes', '1'],
    ['p1', 'o1', 'B', false, null, 0, 'yes', '2'],
    ['p1', 'o1', 'B', false, null, 0, 'yes', 'male'],
    ['p2', null, null, true, null, 0, null, null],
  ])
  connection.closeSync()
  instance.closeSync()
})

test('columns tell names and types', () => {
  const { columns } = compile(view, { dialect: 'duckdb', schema, source: { kind: 'table', sql: rows } })
  expect(columns.map(({ name, type, sqlType }) => [name, type, sqlType])).toEqual([
    ['id', 'string', 'varchar'],
    ['organization_id', 'string', 'varchar'],
    ['family', 'string', 'varchar'],
    ['deceased', 'boolean', 'boolean'],
    ['language', 'string', 'varchar'],
    ['contact', 'integer', 'integer'],
    ['known', 'string', 'varchar'],
    ['value', 'string', 'varchar'],
  ])
})
