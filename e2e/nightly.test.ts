import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { newKeys } from '@floe/client'
import { type Ehr, type EhrOptions, type FaultPlan, startEhr, synthesize } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFloe, startFloe } from './cli.ts'
import { expectEquations, loadsOf } from './lake.ts'
import { scratch, until } from './support.ts'

let work: Awaited<ReturnType<typeof scratch>>
let folder: string
let later: string
let auth: NonNullable<EhrOptions['auth']>
let authorized: string[]
beforeAll(async () => {
  work = await scratch('nightly')
  folder = join(work.dir, 'population')
  later = join(work.dir, 'later')
  await synthesize({ patients: 8, out: folder, later })
  const { privateJwks, publicJwks } = await newKeys({ alg: 'RS384' })
  const key = join(work.dir, 'key.json')
  await writeFile(key, JSON.stringify(privateJwks), { mode: 0o600 })
  auth = { clients: [{ clientId: 'floe', jwks: publicJwks }] }
  authorized = ['--smart-client-id', 'floe', '--smart-key', key]
})
afterAll(() => work[Symbol.asyncDispose]())

const types = ['Patient', 'Encounter', 'Condition', 'Observation', 'MedicationRequest']

/** How many resources of each type the server has now, and how many the lake holds. */
async function heldByServer(ehr: Ehr): Promise<Record<string, number>> {
  const counts = types.map(async (type) => {
    const { total } = (await (await fetch(`${ehr.fhirUrl}/${type}?_count=1`)).json()) as { total: number }
    return [type, total] as const
  })
  return Object.fromEntries(await Promise.all(counts))
}
async function heldByLake(lake: string): Promise<Record<string, number>> {
  const { json, stderr, code } = await runFloe(['tables', '--lake', lake, '--json'])
  expect([code, stderr]).toEqual([0, ''])
  const { tables } = json as { tables: { table: string; rows: number }[] }
  return Object.fromEntries(
    types.map((type) => [type, tables.find(({ table }) => table === `silver.${type.toLowerCase()}`)?.rows ?? 0]),
  )
}

describe('floe etl of a URL, night after night', () => {
  test('everything, then what is new, then nothing; the lake holds what the server holds', async () => {
    await using ehr = await startEhr({ folder, later, auth, polls: 0 })
    // The same data without authentication, to count: it moves on in time as the other one does.
    await using truth = await startEhr({ folder, later, polls: 0 })
    const lake = join(work.dir, 'lake')
    const args = [
      'etl',
      `${ehr.fhirUrl}/Group/demo`,
      '--lake',
      lake,
      '--since',
      'auto',
      '--type',
      types.join(','),
      ...authorized,
      '--json',
    ]
    const nights: unknown[] = []
    for (let night = 0; night < 3; night++) {
      const run = await runFloe(args)
      expect(run.error).toBeUndefined()
      const loads = loadsOf(run.json)
      expectEquations(loads)
      nights.push([run.code, loads.map(({ kind, status, group }) => [kind, status, group])])
      if (night === 1) await fetch(`${truth.fhirUrl}/$export?_since=${encodeURIComponent(new Date().toISOString())}`)
      expect(await heldByLake(lake)).toEqual(await heldByServer(truth))
    }
    expect(nights).toEqual([
      [0, [['full', 'complete', 'demo']]],
      // One who came to the Group meanwhile has the whole history exported apart.
      [
        0,
        [
          ['incremental', 'complete', 'demo'],
          ['partial', 'complete', 'demo'],
        ],
      ],
      [0, [['incremental', 'complete', 'demo']]],
    ])
    const asked = ehr.requests.filter(({ route }) => route === 'kickoff').map(({ parameters }) => parameters._since?.length ?? 0)
    expect([asked, ehr.jobs]).toEqual([[0, 1, 0, 1], 0])
  })

  test('kill -9 in the middle of a download: the same command takes it up, without a second kick-off', async () => {
    const faults: FaultPlan = [{ on: 'file', type: 'Observation', nth: 1, do: { kind: 'drip', bytes: 4096, everyMs: 20 } }]
    await using ehr = await startEhr({ folder, auth, polls: 0, faults })
    const lake = join(work.dir, 'killed')
    const args = ['etl', `${ehr.fhirUrl}/Group/demo`, '--lake', lake, '--type', types.join(','), ...authorized, '--json']
    const { child, result } = startFloe(args)
    const downloads = () => ehr.requests.some(({ type, bytesSent }) => type === 'Observation' && bytesSent > 20_000)
    await until(() => downloads() || child.exitCode !== null, 'it downloads')
    child.kill('SIGKILL')
    expect((await result).code).toBeNull()
    const again = await runFloe(args)
    expect([again.error, again.code, ehr.count('kickoff'), ehr.jobs]).toEqual([undefined, 0, 1, 0])
    expect(loadsOf(again.json).map(({ kind, status }) => [kind, status])).toEqual([['full', 'complete']])
  })
})
