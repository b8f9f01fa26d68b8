/** CONTRACT §4, rule 22: tables of a lake in a real PostgreSQL. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openLake } from '@floe/lake'
import pg from 'pg'
import { expect, test } from 'vitest'
import { findPostgres, startPostgres } from './server.ts'

const binaries = await findPostgres()
if (binaries === undefined) process.stderr.write('skipped: tables in PostgreSQL (initdb and postgres are not on the PATH)\n')

const resources = [
  { resourceType: 'Patient', id: 'p1', birthDate: '1970-05', active: true, multipleBirthInteger: 2 },
  {
    resourceType: 'Patient',
    id: 'p2',
    name: [{ family: 'a "quoted"\\ \n,name', given: ['x', 'ü😀'] }],
    gender: 'a\u0000b\\u0000',
  },
  { resourceType: 'Patient', id: 'p3', name: [{ family: 'a\u0000b\\u0000c\\' }] },
]

async function emptyFolder(): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-pg-out-'))
  return { dir, [Symbol.asyncDispose]: async () => await rm(dir, { recursive: true }) }
}

test.skipIf(binaries === undefined)(
  'tables arrive whole, typed, nested values as jsonb, and are replaced only when asked',
  async () => {
    if (binaries === undefined) return
    await using folder = await emptyFolder()
    await mkdir(join(folder.dir, 'in'))
    await writeFile(join(folder.dir, 'in/Patient.ndjson'), resources.map((each) => `${JSON.stringify(each)}\n`).join(''))
    await using lake = await openLake({ dir: join(folder.dir, 'lake'), create: true })
    await lake.load({ folders: [join(folder.dir, 'in')], untracked: true })
    await lake.build({ names: ['patient'] })
    await using server = await startPostgres(binaries)
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    try {
      const rows = async (sql: string): Promise<unknown[]> => (await client.query(sql)).rows
      const receipt = await lake.out({ kind: 'postgres', url: server.url })
      expect(receipt.tables).toEqual([
        { table: 'gold.patient', rows: 3 },
        { table: 'silver.patient', rows: 3 },
      ])
      expect(
        await rows(
          `select id, "birthDate", active, "multipleBirthInteger" as n, gender, name, _last_updated from silver.patient order by id`,
        ),
      ).toEqual([
        { id: 'p1', birthDate: '1970-05', active: true, n: 2, gender: null, name: null, _last_updated: null },
        {
          ...{ id: 'p2', birthDate: null, active: null, n: null, gender: 'ab\\u0000', _last_updated: null },
          name: [{ family: 'a "quoted"\\ \n,name', given: ['x', 'ü😀'] }],
        },
        {
          ...{ id: 'p3', birthDate: null, active: null, n: null, gender: null, _last_updated: null },
          name: [{ family: 'ab\\u0000c\\', given: null }],
        },
      ])
      expect(await rows('select _raw::jsonb ->> $$id$$ as id from silver.patient where id = $$p1$$')).toEqual([{ id: 'p1' }])
      await expect(lake.out({ kind: 'postgres', url: server.url })).rejects.toMatchObject({ exitCode: 2 })
      await lake.out({ kind: 'postgres', url: server.url, tables: ['silver.patient'] }, { overwrite: true })
      expect(await rows('select count(*)::int as n from silver.patient')).toEqual([{ n: 3 }])
      await lake.out({ kind: 'postgres', url: server.url, schema: 'fhir', tables: ['silver.patient'] })
      expect(await rows('select count(*)::int as n from fhir.patient')).toEqual([{ n: 3 }])
      await lake.out({ kind: 'postgres', url: server.url, schema: 'both' })
      expect(await rows(`select table_name from information_schema.tables where table_schema = 'both' order by 1`)).toEqual([
        { table_name: 'gold_patient' },
        { table_name: 'silver_patient' },
      ])
      const refused = lake.out({ kind: 'postgres', url: server.url.replace('floe@', 'secret-user:secret-word@') })
      const error = await refused.catch((each: Error) => each)
      expect(error).toMatchObject({ code: 'postgres' })
      expect(String(error)).not.toMatch(/secret/)
    } finally {
      await client.end()
    }
  },
)
