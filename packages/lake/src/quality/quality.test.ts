import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import type { Lake } from '../types.ts'
import { chosenRules } from './rule.ts'
import { bundledRules } from './rules.ts'

let root: string
let lake: Lake
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-quality-'))
  lake = await openLake({ dir: join(root, 'lake'), create: true, threads: 2 })
  await lake.load({ folders: [await folder('one', resources)], untracked: true })
})
afterAll(async () => {
  await lake.close()
  await rm(root, { recursive: true })
})

async function folder(name: string, types: Readonly<Record<string, readonly object[]>>): Promise<string> {
  await mkdir(join(root, name))
  for (const [type, lines] of Object.entries(types)) {
    await writeFile(
      join(root, name, `${type}.ndjson`),
      lines.map((line) => `${JSON.stringify({ resourceType: type, ...line })}\n`).join(''),
    )
  }
  return join(root, name)
}

let written = 0
async function rulesFolder(...files: readonly unknown[]): Promise<string> {
  const dir = join(root, `rules-${written++}`)
  await mkdir(dir)
  for (const [index, json] of files.entries()) await writeFile(join(dir, `${index}.json`), JSON.stringify(json))
  return dir
}

const to = (reference: string): object => ({ reference })
const complete = { status: 'finished', class: { code: 'AMB' }, type: [{ text: 'visit' }] }
const resources = {
  Patient: [
    {
      id: 'p1',
      name: [{ family: 'A' }],
      gender: 'female',
      identifier: [{ value: '1' }],
      birthDate: '1980-05-01',
      deceasedDateTime: '1980-05',
    },
    { id: 'p2', name: [{ family: 'B' }], birthDate: '2000-01-01', deceasedDateTime: '1999-12-31' },
  ],
  Encounter: [
    { id: 'e1', ...complete, subject: to('Patient/p1'), period: { start: '2026-01-02', end: '2026-01-01' } },
    {
      id: 'e2',
      ...complete,
      subject: to('Patient/gone'),
      period: { start: '2026-01-01T10:00:00Z', end: '2026-01-01T10:00:00Z' },
    },
    { id: 'e3', class: { code: 'AMB' } },
  ],
  Observation: [
    {
      id: 'o1',
      code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
      valueQuantity: { value: 900, code: '/min' },
      subject: to('Patient/p1'),
    },
    { id: 'o2', code: { coding: [{ code: '1' }] }, subject: to('Patient?identifier=x'), encounter: to('Encounter/e1') },
  ],
  DiagnosticReport: [
    { id: 'd1', code: { text: 'x' }, result: [to('Observation/o1'), to('Observation/o9'), to('Observation/o8')] },
  ],
}

async function all(sql: string): Promise<Record<string, unknown>[]> {
  await using result = await lake.query(sql)
  const rows: Record<string, unknown>[] = []
  for await (const chunk of result.rows) rows.push(...chunk)
  return rows
}

const listed = async (where = 'true'): Promise<string[]> =>
  (await all(`select rule, type, id from floe.quality_failures where ${where} order by all`)).map(
    (row) => `${row.rule} ${row.type}/${row.id}`,
  )

test('the bundled rules find what is missing, implausible, without a system, or leads nowhere', async () => {
  await lake.build({ names: ['encounter'] })
  expect(await listed()).toEqual([
    'code-system-diagnosticreport DiagnosticReport/d1',
    'code-system-observation Observation/o2',
    'order-encounter-period Encounter/e1',
    'order-patient-birth Patient/p2',
    'range-heart-rate Observation/o1',
    'reference-diagnosticreport-result DiagnosticReport/d1',
    'reference-encounter-subject Encounter/e2',
    'us-core-diagnosticreport DiagnosticReport/d1',
    'us-core-encounter Encounter/e3',
    'us-core-observation Observation/o1',
    'us-core-observation Observation/o2',
    'us-core-patient Patient/p2',
    'value-observation Observation/o2',
  ])
  const quality = await lake.quality()
  expect(quality).toHaveLength(bundledRules.length)
  expect(quality[0]).toMatchObject({
    rule: 'us-core-observation',
    resource: 'Observation',
    severity: 'warning',
    checked: 2,
    failed: 2,
  })
  expect(quality.find(({ rule }) => rule === 'us-core-goal')).toMatchObject({ checked: 0, failed: 0 })
  expect((await lake.status()).quality).toEqual(quality)
  // No bundled rule is an error: gold shows all.
  expect(await all('select id from gold.encounter order by id')).toHaveLength(3)
})

const noEnd = {
  id: 'no-end',
  resource: 'Encounter',
  expression: 'period.end.exists()',
  severity: 'error',
  message: 'It has not ended',
}

test('a row that fails an error rule is kept out of gold and listed; silver keeps it', async () => {
  const rulesDir = await rulesFolder(noEnd)
  const names = ['encounter', 'observation']
  await lake.build({ names, rulesDir })
  expect(await listed("severity = 'error'")).toEqual(['no-end Encounter/e3'])
  expect((await all('select id from gold.encounter order by id')).map(({ id }) => id)).toEqual(['e1', 'e2'])
  expect(await all('select id from silver.encounter')).toHaveLength(3)
  // Mended, it comes back, and only its row is written.
  const mended = { id: 'e3', ...complete, period: { end: '2026-01-01' } }
  const more = Array.from({ length: 12 }, (_, n) => ({ id: `m${n}`, ...complete, period: { end: '2026-01-01' } }))
  await lake.load({ folders: [await folder('two', { Encounter: more })], untracked: true })
  await lake.build({ names, rulesDir })
  await lake.load({ folders: [await folder('three', { Encounter: [{ ...mended, meta: { versionId: '2' } }] })], untracked: true })
  const built = await lake.build({ names, rulesDir })
  expect(built).toMatchObject([{ table: 'gold.encounter', rows: 15, delta: { added: 1, removed: 0 } }, { unchanged: true }])
  // A rule alone hides and shows rows, without any change of silver.
  const stricter = await rulesFolder([noEnd, { ...noEnd, id: 'not-m1', expression: "id != 'm1'" }])
  expect(await lake.build({ names, rulesDir: stricter })).toMatchObject([{ rows: 14, delta: { added: 0, removed: 1 } }, {}])
  expect(await all("select id from gold.encounter where id = 'm1'")).toEqual([])
  expect(await lake.build({ names, rulesDir })).toMatchObject([{ rows: 15, delta: { added: 1, removed: 0 } }, {}])
  // The same rules again change nothing.
  const history = async (): Promise<number> => (await lake.history('floe.quality')).snapshots.length
  const before = await history()
  await lake.build({ names, rulesDir })
  expect(await history()).toBe(before)
})

test('a rule of the user takes the place of a bundled one, and several may lie in one file', async () => {
  const stricter = { ...bundledRules.find(({ id }) => id === 'us-core-patient'), severity: 'error' }
  const rules = await chosenRules(await rulesFolder([stricter, noEnd], { rules: [{ ...noEnd, id: 'third' }] }))
  expect(rules).toHaveLength(bundledRules.length + 2)
  expect(rules.filter(({ severity }) => severity === 'error').map(({ id }) => id)).toEqual(['no-end', 'third', 'us-core-patient'])
})

test('each source is checked by itself: a reference does not lead into another one', async () => {
  const other = await folder('other', { Encounter: [{ id: 'x1', ...complete, subject: to('Patient/p1') }] })
  await lake.load({ folders: [other], untracked: true, source: 'other' })
  await lake.build({ names: ['encounter'] })
  expect(
    await all("select _source, id from floe.quality_failures where rule = 'reference-encounter-subject' order by all"),
  ).toEqual([
    { _source: 'default', id: 'e2' },
    { _source: 'other', id: 'x1' },
  ])
})

test.each<[string, unknown, RegExp]>([
  ['no severity', { ...noEnd, severity: undefined }, /severity is missing/],
  ['an unknown severity', { ...noEnd, severity: 'fatal' }, /none of error, warning, information/],
  ['an unknown element', { ...noEnd, expression: 'periode.exists()' }, /rule no-end/],
  ['an unknown type', { ...noEnd, resource: 'Visit' }, /Visit/],
  ['an expression that is not boolean', { ...noEnd, expression: 'status' }, /not a boolean/],
  ['a target without keys', { ...noEnd, target: 'Patient' }, /getReferenceKey\(Patient\)/],
  ['a bad id', { ...noEnd, id: '1 x' }, /no id of a rule/],
  ['one id twice', [noEnd, noEnd], /two rules no-end/],
])('a rule with %s is refused before anything is built', async (_, json, message) => {
  const error: unknown = await lake.build({ rulesDir: await rulesFolder(json) }).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Error)
  expect((error as Error).message).toMatch(message)
})
