/**
 * Conditional and logical references lead to the only resource of their source that has the identifier (CONTRACT §1, view run,
 * rule 9).
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openLake } from '../lake.ts'
import { rowsOf, writeFolder } from '../replay/folders.suite.ts'
import type { Lake } from '../types.ts'

let root: string
let lake: Lake
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-lookups-'))
  lake = await openLake({ dir: join(root, 'lake'), create: true, threads: 2, requiredTypes: [] })
})
afterAll(async () => {
  await lake.close()
  await rm(root, { recursive: true })
})

const npi = 'http://hl7.org/fhir/sid/us-npi'
const practitioner = (id: string, value: string, system: string | undefined = npi): object => ({
  id,
  identifier: [
    { ...(system === undefined ? {} : { system }), value },
    { system: 'other', value: id },
  ],
})
const seenBy = (id: string, ...actors: object[]): object => ({
  id,
  status: 'finished',
  participant: actors.map((individual) => ({ individual })),
})
const to = (token: string): object => ({ reference: `Practitioner?identifier=${token}` })
const view = {
  ...{ resourceType: 'ViewDefinition', name: 'seen', status: 'active', resource: 'Encounter' },
  select: [
    {
      column: [
        { name: 'id', path: 'id' },
        { name: 'who', path: 'participant.individual.getReferenceKey(Practitioner)', collection: true },
      ],
    },
  ],
}

async function load(source: string, name: string, types: Readonly<Record<string, readonly object[]>>): Promise<void> {
  const folder = await writeFolder(root, { name: `${source}-${name}`, time: `2026-0${name}-01T00:00:00Z`, types })
  await lake.load({ folders: [folder], source })
}

async function seen(): Promise<Record<string, unknown>[]> {
  await using result = await lake.runView(view)
  return (await Array.fromAsync(result.rows)).flat().toSorted((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
}

const targets = async (): Promise<unknown[]> => {
  await lake.build({ names: ['patient'] })
  const rows = await rowsOf(
    lake,
    'select _source, type, reference, system, value, id, matches from floe.reference_targets order by all',
  )
  return rows.map((row) => Object.values(row))
}

test('among the resources of their own source, in whatever order these come', async () => {
  const encoded = `${encodeURIComponent(npi)}%7C1`
  await load('a', '1', {
    Encounter: [
      seenBy('e1', to(`${npi}|1`), to(encoded), to(`${npi}|2`), { reference: 'Practitioner/p9' }),
      seenBy('e2', to('other|twice'), { type: 'Practitioner', identifier: { system: npi, value: '1' } }),
    ],
  })
  expect(await seen()).toEqual([
    { id: 'e1', who: ['p9'] },
    { id: 'e2', who: [] },
  ])
  await load('a', '2', { Practitioner: [practitioner('p1', '1'), practitioner('twice', '3', 'other')] })
  expect(await seen()).toEqual([
    { id: 'e1', who: ['p1', 'p1', 'p9'] },
    { id: 'e2', who: ['twice'] },
  ])
  await load('b', '1', { Encounter: [seenBy('e3', to(`${npi}|1`))], Practitioner: [practitioner('q1', '1')] })
  expect(await seen()).toEqual([
    { id: 'e1', who: ['p1', 'p1', 'p9'] },
    { id: 'e2', who: ['twice'] },
    { id: 'e3', who: ['q1'] },
  ])
  expect(await targets()).toEqual([
    ['a', 'Practitioner', `Practitioner?identifier=${encoded}`, npi, '1', 'p1', 1],
    ['a', 'Practitioner', `Practitioner?identifier=${npi}|1`, npi, '1', 'p1', 1],
    ['a', 'Practitioner', `Practitioner?identifier=${npi}|2`, npi, '2', null, 0],
    ['a', 'Practitioner', 'Practitioner?identifier=other|twice', 'other', 'twice', 'twice', 1],
    ['a', 'Practitioner', null, npi, '1', 'p1', 1],
    ['b', 'Practitioner', `Practitioner?identifier=${npi}|1`, npi, '1', 'q1', 1],
  ])
})

test('two that have it leave the reference empty; gold follows', async () => {
  const views = join(root, 'views')
  await mkdir(views)
  const column = [
    { name: 'id', path: 'id' },
    { name: 'who', path: 'participant.individual.getReferenceKey(Practitioner).first()' },
  ]
  await writeFile(join(views, 'who.json'), JSON.stringify({ ...view, name: 'who', select: [{ column }] }))
  const gold = async (): Promise<unknown[]> => {
    await lake.build({ names: ['who'], viewsDir: views })
    return (await rowsOf(lake, 'select id, who from gold.who order by id')).map((row) => Object.values(row))
  }
  expect(await gold()).toEqual([
    ['e1', 'p1'],
    ['e2', 'twice'],
    ['e3', 'q1'],
  ])
  await load('a', '3', { Practitioner: [practitioner('p2', '1')] })
  expect(await gold()).toEqual([
    ['e1', 'p9'],
    ['e2', 'twice'],
    ['e3', 'q1'],
  ])
  await lake.rollback('a-3')
  await lake.rebuild()
  expect(await gold()).toEqual([
    ['e1', 'p1'],
    ['e2', 'twice'],
    ['e3', 'q1'],
  ])
})
