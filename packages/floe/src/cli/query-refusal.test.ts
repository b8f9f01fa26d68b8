import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Lake, openLake } from '@floe/lake'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { writeExport } from '../server/fixture.suite.ts'
import { queryRefusal } from './query-refusal.ts'

let dir: string
let lake: Lake

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-refusal-'))
  await writeExport(join(dir, 'one'), [{ resourceType: 'Patient', id: 'p', gender: 'male' }])
  lake = await openLake({ dir: join(dir, 'lake'), memoryLimit: '512MB', create: true })
  await lake.load({ folders: [join(dir, 'one')], untracked: true })
})
afterAll(async () => {
  await lake.close()
  await rm(dir, { recursive: true, force: true })
})

const acts = /^a query is one reading statement \(SELECT, .*\); this one acts$/
const file = /^a query reads the tables of the lake, no file and no address beside it: this file is refused$/

/** What is typed, the rule that is named, the command that comes next. */
const refusals: readonly [string, RegExp, RegExp][] = [
  ['delete from silver.patient', acts, /^floe rollback EXPORT --lake L /],
  ['-- tidy\n/* up */ drop table silver.patient', acts, /^floe rollback EXPORT --lake L /],
  ["insert into silver.patient values ('x')", acts, /^floe load FOLDER --lake L /],
  ["update silver.patient set gender = 'x'", acts, /^floe load FOLDER --lake L /],
  ['create table x as select 1', acts, /^floe build --views DIR --lake L /],
  ["copy (select 1) to 'x.csv'", acts, /^floe query 'SELECT …' --format parquet --out FILE.parquet --lake L /],
  ["export database 'x'", acts, /--out FILE.parquet/],
  ["attach 'x.db'", acts, /^floe out postgres --to env:NAME --lake L /],
  ["set memory_limit = '1GB'", acts, /^floe query 'SET name = value; SELECT …' --unsafe --lake L /],
  ['pragma version', acts, /--unsafe --lake L /],
  ['install httpfs', acts, /^floe query --help/],
  ['select 1; select 2', /; these are several$/, /^floe query 'SELECT …' --lake L /],
  ['', /; this is none$/, /^floe tables --lake L$/],
  ["select * from read_csv('/etc/passwd')", file, /^floe query 'select \* from read_csv\(.*' --unsafe --lake L /],
  ["select * from glob('/etc/*')", file, /--unsafe --lake L /],
  ["select * from 'http://example.org/a.csv'", /: this address is refused$/, /^floe etl FHIR_URL --lake L /],
  [
    'select nothing from silver.patient',
    /^Binder Error: Referenced column "nothing"/,
    /^floe query 'describe silver.patient' --lake L /,
  ],
  ["select getenv('HOME')", /^Catalog Error: Scalar Function with name "?getenv"? does not exist/, /like .*%gete%/],
]

test.each(refusals)('%j names the rule and the next command', async (sql, rule, next) => {
  const said = await lake.query(sql).then(
    async (result) => {
      await using _ = result
      for await (const _rows of result.rows);
      return 'it ran'
    },
    (error: Error) => error.message,
  )
  const refusal = queryRefusal(said, sql, 'L')
  expect(refusal?.message.split('\n')[0]).toMatch(rule)
  expect(refusal?.hint).toMatch(next)
})

test('what the engine says of a syntax stays as it is', () => {
  expect(queryRefusal('The SQL cannot be read: syntax error at or near "selec"', 'selec 1', 'L')).toBeUndefined()
})
