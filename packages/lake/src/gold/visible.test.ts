import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../engine/duckdb.ts'
import { literal } from '../engine/sql.ts'
import { rowsSql } from '../silver/context.ts'
import { ledgerTables } from '../silver/ledger-tables.ts'
import { statusReport } from './status.ts'
import { encountersSql, requiredTypes, type VisibilitySources, visibleSql } from './visible.ts'

let dir: string
let engine: Engine
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-visible-'))
  engine = await openEngine({ tempDir: join(dir, 'tmp'), threads: 2 })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await rm(dir, { recursive: true })
})

const now = '2026-01-02T02:00:01.873Z'
const before = '2026-01-01T00:00:00.000Z'
const later = '2026-02-01T00:00:00.000Z'
const others = requiredTypes.filter((type) => type !== 'Condition')

interface State {
  /** [id, group, export time] */
  readonly tracked: readonly (readonly [string, string, string])[]
  /** [type, group, export time] */
  readonly completed: readonly (readonly [string, string, string])[]
  readonly excluded?: string
  readonly encounters?: readonly string[]
}

const fifty = Array.from({ length: 50 }, (_, index) => `e${index}`)
const all = (group: string, time: string, ids = fifty): State['tracked'] => ids.map((id) => [id, group, time])
const types = (group: string, time: string, names: readonly string[] = requiredTypes): State['completed'] =>
  names.map((type) => [type, group, time])

function sources({ tracked, completed, excluded = '', encounters = fifty }: State): VisibilitySources {
  const groups = [...new Set([...tracked, ...completed].map(([, group]) => group))]
  const loads = groups.map((group) => [
    ...[`load ${group}`, `export ${group}`, 'default', group, now, 'full', 'complete', null, now, now, excluded, ''],
  ])
  return {
    loads: `(${rowsSql(ledgerTables.loads, loads)})`,
    completion: `(${rowsSql(
      ledgerTables.completion,
      completed.map(([type, group, time]) => ['default', group, type, 'x', time, 'full', 1, 0, true, null]),
    )})`,
    tracked: `(${rowsSql(
      ledgerTables.tracked,
      tracked.map(([id, group, time]) => ['default', group, id, time, 'x']),
    )})`,
    encounters: `(select 'default' as _source, unnest([${encounters.map(literal).join()}]) as id)`,
    required: requiredTypes,
  }
}

// Reference: cumulus §1.5, the truth table of Cumulus Library; its case 11 (a column of another type) cannot arise here.
test.each<[number, string, State, number]>([
  [1, 'all at the same time as the encounter', { tracked: all('g', now), completed: types('g', now) }, 50],
  [2, 'one never loaded', { tracked: all('g', now), completed: types('g', now, others) }, 0],
  [
    3,
    'one loaded with an earlier time',
    { tracked: all('g', now), completed: [...types('g', now, others), ['Condition', 'g', before]] },
    0,
  ],
  [
    4,
    'one loaded earlier, then again later',
    { tracked: all('g', now), completed: [...types('g', now, others), ['Condition', 'g', before], ['Condition', 'g', later]] },
    50,
  ],
  [5, 'all complete, but in another group', { tracked: all('g', now), completed: types('h', now) }, 0],
  [
    6,
    'in two groups: one type complete in the one, the others in the other',
    { tracked: [...all('g', now), ...all('h', now)], completed: [...types('g', now, others), ['Condition', 'h', now]] },
    50,
  ],
  [7, 'one tracked and incomplete, 49 untracked', { tracked: [['e0', 'g', now]], completed: [] }, 49],
  [8, 'nothing tracked, nothing complete', { tracked: [], completed: [] }, 50],
  [9, 'tracked, nothing complete', { tracked: all('g', now), completed: [] }, 0],
  [
    10,
    'a completion of Encounter itself is ignored',
    { tracked: all('g', now), completed: [...types('g', now), ['Encounter', 'g', now]] },
    50,
  ],
  [12, 'the encounter is 123 ms later', { tracked: all('g', '2026-01-02T03:00:01.996+01:00'), completed: types('g', now) }, 0],
  [
    13,
    'two groups: the earliest time counts',
    { tracked: [...all('g', later), ...all('h', now)], completed: types('g', now) },
    50,
  ],
  [
    14,
    'an excluded type is not waited for',
    { tracked: all('g', now), completed: types('g', now, others), excluded: 'Condition' },
    50,
  ],
])('row %d: %s', async (_, __, state, visible) => {
  const [row] = await engine.all(
    `select count(*) filter (where visible) as visible, count(*) as total from (${encountersSql(sources(state))})`,
  )
  expect(row).toEqual({ visible, total: 50 })
})

test('tells what is waited for, and until when', async () => {
  const state = sources({
    tracked: [...all('g', now, ['e0', 'e1']), ...all('g', later, ['e2', 'gone'])],
    completed: [...types('g', later, others), ['Condition', 'g', before]],
    encounters: ['e0', 'e1', 'e2', 'free'],
  })
  expect(await engine.all(`select * from (${encountersSql(state)}) order by id`)).toEqual([
    { _source: 'default', id: 'e0', visible: false, blocked_by: 'Condition' },
    { _source: 'default', id: 'e1', visible: false, blocked_by: 'Condition' },
    { _source: 'default', id: 'e2', visible: false, blocked_by: 'Condition' },
    { _source: 'default', id: 'free', visible: true, blocked_by: null },
  ])
  const report = await statusReport(engine, {
    ...state,
    reconciliation: `(${rowsSql(ledgerTables.reconciliation, [])})`,
    quality: [],
  })
  expect(report).toMatchObject({
    encounters: { visible: 1, hidden: 3 },
    blocked: [{ source: 'default', group: 'g', type: 'Condition', have: before, need: later, encounters: 3 }],
  })
})

test('what refers to a hidden encounter is hidden with it, by any form of reference', async () => {
  const table = (type: string, shape: object, rows: readonly [string, unknown][]) => ({
    type,
    shape: { struct: { id: 'string', _source: 'string', ...shape } },
    relation: `(select * from (values ${rows.map(([id, value]) => `('s', ${literal(id)}, ${String(value)})`).join()}) v(_source, id, ${Object.keys(shape)[0]}))`,
  })
  const reference = { struct: { reference: 'string' } }
  const to = (text: string): string => `{'reference': ${literal(text)}}`
  const tables = [
    table('Encounter', { status: 'string' }, [
      ['hid_1', "''"],
      ['seen', "''"],
    ]),
    table('Condition', { encounter: reference }, [
      ['c1', to('Encounter/hid_1')],
      ['c2', to('https://ehr.example.org/fhir/Encounter/hid_1/_history/2')],
      ['c3', to('Encounter/seen')],
      ['c4', 'null'],
    ]),
    table('DocumentReference', { context: { struct: { encounter: { list: reference } } } }, [
      ['d1', `{'encounter': [${to('Encounter/seen')}, ${to('Encounter/hid_1')}]}`],
      ['d2', `{'encounter': [${to('Encounter/seen')}]}`],
      ['d3', 'null'],
    ]),
    table('Patient', { gender: 'string' }, [['p', "'x'"]]),
  ]
  const rows = await engine.all<{ type: string; id: string }>(
    `select type, id from (${visibleSql(tables, "(select 's' as _source, 'hid_1' as id)")}) order by all`,
  )
  expect(rows.map(({ type, id }) => `${type}/${id}`)).toEqual(
    'Condition/c3 Condition/c4 DocumentReference/d2 DocumentReference/d3 Encounter/seen Patient/p'.split(' '),
  )
})
