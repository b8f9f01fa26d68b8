import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEhr } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { loadsOf } from './lake.ts'
import { scratch } from './support.ts'

let work: Awaited<ReturnType<typeof scratch>>
let first: string
let second: string
beforeAll(async () => {
  work = await scratch('members')
  first = await state('first', '2026-01-01', ['a', 'b'])
  second = await state('second', '2026-02-01', ['a', 'b', 'c'])
})
afterAll(() => work[Symbol.asyncDispose]())

/** Three patients with a Condition each that never change; only the Group does. */
async function state(name: string, day: string, members: string[]): Promise<string> {
  const dir = join(work.dir, name)
  await mkdir(dir)
  const meta = { lastUpdated: '2025-01-01T00:00:00Z' }
  const ids = ['a', 'b', 'c']
  const group = {
    resourceType: 'Group',
    id: 'g',
    type: 'person',
    actual: true,
    meta,
    member: members.map((id) => ({ entity: { reference: `Patient/${id}` } })),
  }
  const lines = {
    Patient: ids.map((id) => ({ resourceType: 'Patient', id, meta })),
    Condition: ids.map((id) => ({ resourceType: 'Condition', id: `c-${id}`, meta, subject: { reference: `Patient/${id}` } })),
    Group: [group],
  }
  for (const [type, resources] of Object.entries(lines)) {
    await writeFile(join(dir, `${type}.000.ndjson`), resources.map((one) => `${JSON.stringify(one)}\n`).join(''))
  }
  await writeFile(join(dir, 'manifest.json'), JSON.stringify({ transactionTime: `${day}T00:00:00Z` }))
  return dir
}

const types = ['--type', 'Patient,Condition']

async function patientsIn(lake: string): Promise<unknown> {
  const { json } = await runFloe(['query', 'select id from silver.condition order by id', '--lake', lake, '--format', 'json'])
  return json
}

describe('--since auto of a Group', () => {
  test('etl: who is new gets the whole history, once (C-19); what both exports bring counts once (C-20)', async () => {
    await using ehr = await startEhr({ folder: first, later: second, polls: 0 })
    const lake = join(work.dir, 'lake')
    const etl = ['etl', `${ehr.fhirUrl}/Group/g`, '--lake', lake, '--since', 'auto', ...types, '--json']
    const nights: unknown[] = []
    for (let night = 0; night < 4; night++) {
      const run = await runFloe(etl)
      expect([run.error, run.code]).toEqual([undefined, 0])
      const { newMembers = null } = run.json as { newMembers?: { added: number; exports: { totals: { resources: number } }[] } }
      const sizes = newMembers?.exports.map(({ totals }) => totals.resources) ?? []
      nights.push([newMembers?.added ?? null, sizes, loadsOf(run.json).map(({ kind, status }) => `${kind} ${status}`)])
    }
    expect(nights).toEqual([
      [null, [], ['full complete']],
      // The Group changes while the second night's export is made.
      [1, [2], ['incremental complete', 'partial complete']],
      [0, [], ['incremental complete']],
      [0, [], ['incremental complete']],
    ])
    expect(await patientsIn(lake)).toEqual(['c-a', 'c-b', 'c-c'].map((id) => ({ id })))
    expect([ehr.count('kickoff'), ehr.jobs]).toEqual([5, 0])
  })

  test('export: in a folder beside; where POST is refused it says so, and the next one tries again', async () => {
    await using ehr = await startEhr({ folder: first, later: second, polls: 0, post: false })
    const run = async (name: string) =>
      await runFloe(['export', `${ehr.fhirUrl}/Group/g`, join(work.dir, 'exports', name), '--since', 'auto', ...types, '--json'])
    expect((await run('1')).code).toBe(0)
    for (const name of ['2', '3']) {
      const refused = await run(name)
      expect(refused.code).toBe(7)
      expect(refused.json).toMatchObject({ exitCode: 0, newMembers: { added: 1, exports: [] } })
      expect(refused.error?.message).toMatch(/^1 new member of the Group without earlier history: .*full export, without --since/)
    }
  })

  test('an increment that was stopped and is resumed brings the new members, too', async () => {
    await using ehr = await startEhr({ folder: first, later: second, polls: 0 })
    const to = (name: string): string => join(work.dir, 'resumed', name)
    const run = (name: string) =>
      runFloe(['export', `${ehr.fhirUrl}/Group/g`, to(name), '--since', 'auto', ...types, '--retries', '0', '--json'])
    expect((await run('1')).code).toBe(0)
    // The Group changes with the second export; the third finds who is new, and its files do not come.
    expect((await run('2')).code).toBe(0)
    await rm(to('2'), { recursive: true })
    await rm(to('2.new-members'), { recursive: true, force: true })
    ehr.setFaults([{ on: ['status', 'manifest'], do: { kind: 'answer', status: 401 } }])
    expect((await run('3')).code).toBe(3)
    ehr.setFaults([])
    const resumed = await runFloe(['resume', to('3'), '--json'])
    expect([resumed.error, resumed.code]).toEqual([undefined, 0])
    expect(resumed.json).toMatchObject({ newMembers: { added: 1, gap: null, exports: [{ totals: { resources: 2 } }] } })
    expect((await runFloe(['resume', to('3'), '--json'])).json).not.toHaveProperty('newMembers')
  })

  test('a Group that cannot be read: what is missing is said, exit 0', async () => {
    const faults = [{ on: 'read' as const, do: { kind: 'answer' as const, status: 403 } }]
    await using ehr = await startEhr({ folder: first, later: second, polls: 0, faults })
    const run = async (name: string) =>
      await runFloe(['export', `${ehr.fhirUrl}/Group/g`, join(work.dir, 'unread', name), '--since', 'auto', ...types])
    expect((await run('1')).code).toBe(0)
    const increment = await run('2')
    expect([increment.code, increment.stdout]).toEqual([
      0,
      expect.stringContaining('who came to the Group since the last export'),
    ])
  })
})
