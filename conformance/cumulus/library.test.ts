/**
 * Cumulus Library itself, `build -t core`, on the file of `floe out cumulus`. Its environment weighs 800 MB and a build takes
 * most of a minute, so this runs with FLOE_INTEROP=1 only.
 */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { openLake } from '@floe/lake'
import { beforeAll, expect, test } from 'vitest'
import { environment, findPython } from '../iceberg/python.ts'
import { openPlace } from './folder.ts'

const run = promisify(execFile)
const asked = process.env.FLOE_INTEROP === '1'
const found = asked ? await findPython() : undefined
const python = found !== undefined && (await isNewEnough(found)) ? found : undefined
const shared = join(process.env.FLOE_SHARED ?? join(import.meta.dirname, '../../../shared'), 'data')
/** Patients of the sets; the larger one is 100 MB. */
const sets = ['synthea-10', 'synthea-100']
if (!asked) process.stderr.write('skipped: Cumulus Library on floe out cumulus (FLOE_INTEROP=1 runs it)\n')
else if (python === undefined) process.stderr.write('skipped: Cumulus Library on floe out cumulus (no Python 3.11 or newer)\n')
else if (!existsSync(shared))
  process.stderr.write('skipped: Cumulus Library on raw NDJSON (FLOE_SHARED names the folder that holds data/)\n')

async function isNewEnough(binary: string): Promise<boolean> {
  return await run(binary, ['-c', 'import sys; assert sys.version_info >= (3, 11)']).then(
    () => true,
    () => false,
  )
}

let library = ''
beforeAll(async () => {
  if (python !== undefined) library = await environment(python, 'cumulus-library-6.3.7', ['cumulus-library==6.3.7'])
}, 1_200_000)

async function build(database: string, more: readonly string[] = []): Promise<void> {
  const args = ['build', '-t', 'core', '--db-type', 'duckdb', '--database', database, ...more]
  await run(join(dirname(library), 'cumulus-library'), args, { maxBuffer: 1 << 26, timeout: 1_200_000 })
}

/** A query in the DuckDB that the Library pins, which is older than floe's. */
async function ask<T>(databases: Readonly<Record<string, string>>, script: string): Promise<T> {
  const attach = Object.entries(databases).map(([name, file]) => `db.execute("attach '${file}' as ${name} (read_only)")`)
  // A query of some seconds draws its progress on standard output.
  const open = ['db = duckdb.connect()', "db.execute('set enable_progress_bar = false')"]
  const text = ['import duckdb, json', ...open, ...attach, script].join('\n')
  const { stdout } = await run(library, ['-c', text], { maxBuffer: 1 << 26 })
  return JSON.parse(stdout) as T
}

async function folder(): Promise<{ dir: string } & AsyncDisposable> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-library-'))
  return { dir, [Symbol.asyncDispose]: async () => await rm(dir, { recursive: true }) }
}

const compareTables = `
names = lambda d: {n for (n,) in db.execute(f"select table_name from duckdb_tables() where database_name = '{d}' and starts_with(table_name, 'core__')").fetchall()}
differing = sorted(names('ours') ^ names('raw'))
for name in sorted(names('ours') & names('raw')):
    if name.startswith('core__lib_'): continue
    for a, b in (('ours', 'raw'), ('raw', 'ours')):
        if db.execute(f'select count(*) from (from {a}.{name} except all from {b}.{name})').fetchone()[0] > 0: differing.append(name)
count = lambda sql: db.execute(sql).fetchone()[0]
print(json.dumps({'tables': len(names('ours')), 'differing': differing, 'patients': count('select count(*) from ours.core__patient'),
  'encounters': count('select count(*) from ours.core__encounter'),
  'races': count("select count(*) from ours.core__patient where race_display <> 'unknown'")}))`

test.skipIf(python === undefined || !existsSync(shared)).each(sets)(
  'core is the same on floe’s file as on the NDJSON itself: %s',
  { timeout: 1_800_000 },
  async (set) => {
    await using place = await folder()
    const [ours, raw, ndjson] = [join(place.dir, 'ours.duckdb'), join(place.dir, 'raw.duckdb'), join(place.dir, 'ndjson')]
    {
      await using lake = await openLake({ dir: join(place.dir, 'lake'), create: true })
      await lake.load({ folders: [join(shared, set)], untracked: true })
      await lake.out({ kind: 'cumulus', file: ours })
    }
    await mkdir(ndjson)
    for (const name of await readdir(join(shared, set))) {
      if (/^[A-Z].*\.ndjson(\.gz)?$/.test(name)) await cp(join(shared, set, name), join(ndjson, name))
    }
    await build(ours)
    await build(raw, ['--load-ndjson-dir', ndjson])
    const result = await ask<{ tables: number; differing: string[]; patients: number; encounters: number; races: number }>(
      { ours, raw },
      compareTables,
    )
    expect(result).toMatchObject({ differing: [] })
    expect([result.tables > 100, result.patients > 0, result.encounters > 0, result.races > 0]).toEqual([true, true, true, true])
  },
)

const required = [
  ...['AllergyIntolerance', 'Condition', 'DiagnosticReport', 'DocumentReference', 'EpisodeOfCare', 'MedicationDispense'],
  ...['MedicationRequest', 'Observation', 'Procedure', 'ServiceRequest', 'Specimen'],
]
const without = (type: string): string[] => required.filter((each) => each !== type)
const [earlier, at, after] = ['2025-12-01T00:00:00Z', '2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z']

/**
 * Exports of one case of the matrix (reference: cumulus §1.5): (group, time, types that came, Encounter among them). Rows 7 and
 * 8, Encounters that nobody tracks, are in the first load; row 10, a completion of Encounter itself, is in every case that
 * delivers one; row 11 cannot be: `floe out cumulus` writes times as text.
 */
type Case = readonly (readonly [group: string, time: string, types: readonly string[], encounter?: string])[]
const cases: Readonly<Record<string, Case>> = {
  '1: all at the same time': [['g1', at, required, 'e1']],
  '2: one never loaded': [['g2', at, without('Specimen'), 'e2']],
  '3: one loaded earlier': [
    ['g3', earlier, ['Condition']],
    ['g3', at, without('Condition'), 'e3'],
  ],
  '4: one loaded earlier and later again': [
    ['g4', earlier, ['Condition']],
    ['g4', at, without('Condition'), 'e4'],
    ['g4', after, ['Condition']],
  ],
  '5: all in another group': [
    ['g5', at, [], 'e5'],
    ['h5', at, required],
  ],
  '6: in two groups, one type in the other': [
    ['g6', at, without('Condition'), 'e6'],
    ['h6', at, ['Condition'], 'e6'],
  ],
  '9: tracked, nothing complete': [['g9', at, [], 'e9']],
  '12: later by 123 ms, with another offset': [
    ['g12', '2026-01-01T01:00:00+01:00', required],
    ['g12', '2026-01-01T00:00:00.123Z', [], 'e12'],
  ],
}

test.skipIf(python === undefined)(
  'the Library shows the Encounters that floe.encounters calls visible',
  { timeout: 600_000 },
  async () => {
    await using place = await openPlace()
    const subject = { reference: 'Patient/p' }
    const period = { start: '2026-01-01T00:00:00Z', end: '2026-01-01T01:00:00Z' }
    const encounterOf = (id: string): object => ({
      resourceType: 'Encounter',
      id,
      status: 'finished',
      class: { code: 'AMB' },
      subject,
      period,
    })
    const lake = await place.lake()
    const load = async (
      name: string,
      files: Readonly<Record<string, object>>,
      log: { time: string; url: string } | undefined,
    ): Promise<void> => {
      await rm(join(place.dir, 'in'), { recursive: true, force: true })
      if (log !== undefined) await place.log({ id: name, ...log })
      for (const [type, resource] of Object.entries(files)) await place.put(`${type}.000.ndjson`, [resource])
      await lake.load({ folders: [join(place.dir, 'in')], untracked: log === undefined })
    }
    const patient = { resourceType: 'Patient', id: 'p', gender: 'female', birthDate: '1970-01-01' }
    await load('start', { Patient: patient, Encounter: encounterOf('untracked') }, undefined)
    for (const [index, [group, time, types, encounter]] of Object.values(cases).flat().entries()) {
      const asked = [...types, ...(encounter === undefined ? [] : ['Encounter'])].join(',')
      const files = encounter === undefined ? {} : { Encounter: encounterOf(encounter) }
      await load(`x${index}`, files, { time, url: `https://ehr.example.org/fhir/Group/${group}/$export?_type=${asked}` })
    }
    const file = join(place.dir, 'cumulus.duckdb')
    await lake.out({ kind: 'cumulus', file })
    await build(file)
    const script = `print(json.dumps(sorted(x for (x,) in db.execute('select distinct id from c.core__encounter').fetchall())))`
    const visible = (await place.rows('select id from floe.encounters where visible order by id')).map(({ id }) => id)
    expect(await ask<string[]>({ c: file }, script)).toEqual(visible)
    expect(visible).toEqual(['e1', 'e4', 'e6', 'untracked'])
  },
)
