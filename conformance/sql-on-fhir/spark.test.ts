/**
 * The same suite on Apache Spark, from JSON text and from typed tables. It weighs 500 MB and wants Java 17, so it runs with
 * FLOE_INTEROP=1 only.
 */

import { compile, type ResultColumn, type Shape, type TableSchema } from '@floe/views'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { javaHome } from '../iceberg/java.ts'
import { environment, findPython, openPeer, type Peer } from '../iceberg/python.ts'
import { checkCase } from './check-case.ts'
import { present, type Result, shapeOfResources } from './sources.ts'
import { readSuite, type SuiteFile } from './suite.ts'

const asked = process.env.FLOE_INTEROP === '1'
const python = asked ? await findPython() : undefined
const java = python === undefined ? undefined : await javaHome()
const suite = asked ? readSuite() : []
if (asked && (python === undefined || java === undefined))
  console.warn('conformance/sql-on-fhir: Spark is not checked: no Python 3.10 or newer, or no Java 17')

let peer: Peer | undefined
beforeAll(async () => {
  if (python === undefined || java === undefined || suite.length === 0) return
  const binary = await environment(python, 'pyspark-4.1.4', ['pyspark==4.1.4'])
  peer = openPeer(binary, '../sql-on-fhir/spark_peer.py', [], { JAVA_HOME: java, SPARK_LOCAL_IP: '127.0.0.1', TZ: 'UTC' })
}, 600_000)
afterAll(async () => {
  await peer?.[Symbol.asyncDispose]()
})

const text = (value: string): string => `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
const ident = (name: string): string => `\`${name}\``
const linesOf = ({ resources }: SuiteFile): string =>
  `(select col1 as json from values ${resources.map((it) => `(${text(it)})`).join(', ')})`

async function sql(statement: string): Promise<Record<string, unknown>[]> {
  if (peer === undefined) throw new Error('no Spark')
  return await peer.call({ sql: statement })
}

const tables = new Map<string, TableSchema>()

/** A view of typed columns, as Spark has them of an Iceberg table of silver. */
async function tableOf(file: SuiteFile, type: string): Promise<{ name: string; schema: TableSchema }> {
  const name = `${file.file.replaceAll(/\W/g, '_')}_${type}`
  const known = tables.get(name)
  if (known !== undefined) return { name, schema: known }
  const struct: Record<string, Shape> = { id: 'string', ...shapeOfResources(type, file.resources) }
  const parsed = `from_json(json, ${text(sparkType({ struct }))})`
  const mine = `get_json_object(json, '$.resourceType') = ${text(type)}`
  await sql(
    `create temporary view ${ident(name)} as select r.*, json as _raw from (select ${parsed} as r, json from ${linesOf(file)} where ${mine})`,
  )
  const schema = { struct: { ...struct, _raw: 'string' } }
  tables.set(name, schema)
  return { name, schema }
}

const scalars: Readonly<Record<string, string>> = { boolean: 'boolean', int: 'int', long: 'bigint', double: 'double' }

function sparkType(shape: Shape): string {
  if (typeof shape === 'string') return scalars[shape] ?? 'string'
  if ('list' in shape) return `array<${sparkType(shape.list)}>`
  return `struct<${Object.entries(shape.struct)
    .map(([name, it]) => `${ident(name)}: ${sparkType(it)}`)
    .join(', ')}>`
}

async function run(way: string, view: unknown, file: SuiteFile): Promise<Result | { error: unknown }> {
  try {
    const type = String((view as { resource?: unknown }).resource)
    const { sql: statement, columns } =
      way === 'json'
        ? compile(view, { dialect: 'spark', source: { kind: 'json', sql: linesOf(file) } })
        : await compiledOnTable(view, file, type)
    const rows = await sql(statement)
    return {
      columns: columns.map(({ name }) => name),
      rows: rows.map((row) => Object.fromEntries(columns.map((column) => [column.name, fhirValue(row[column.name], column)]))),
    }
  } catch (error) {
    return { error }
  }
}

async function compiledOnTable(view: unknown, file: SuiteFile, type: string): Promise<ReturnType<typeof compile>> {
  compile(view, { dialect: 'spark', source: { kind: 'table', sql: 't' } })
  const { name, schema } = await tableOf(file, type)
  return compile(view, { dialect: 'spark', schema, source: { kind: 'table', sql: ident(name) } })
}

function fhirValue(value: unknown, { collection, shape }: ResultColumn): unknown {
  const item = typeof shape === 'object' && 'list' in shape ? shape.list : shape
  const one = (it: unknown): unknown => present(item === 'json' && typeof it === 'string' ? JSON.parse(it) : it)
  if (collection) return Array.isArray(value) ? value.map(one) : []
  return value === null || value === undefined ? null : one(value)
}

describe.skipIf(!asked || java === undefined || suite.length === 0)('SQL on FHIR official suite on Spark 4.1', () => {
  for (const file of suite) {
    for (const it of file.tests) {
      test.each(['json', 'table'])(`${file.file}: ${it.title} (%s)`, async (way) => {
        const result = await run(way, it.view, file)
        if (it.expectError && 'error' in result)
          expect(String(result.error)).not.toMatch(/PARSE_SYNTAX_ERROR|UNRESOLVED|DATATYPE_MISMATCH/)
        checkCase(it, result)
      })
    }
  }
})
