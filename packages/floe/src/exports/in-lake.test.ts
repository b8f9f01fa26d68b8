import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ExportRequest } from '@floe/client'
import { type ExportState, writeState } from '@floe/client/export-folder'
import type { LoadRow } from '@floe/lake'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { notRolledBack, pendingExports, unfinishedExport } from './in-lake.ts'
import type { ExportPlan } from './plan.ts'
import { exportsUnder } from './since-auto.ts'

const fhirUrl = 'https://ehr.example.org/fhir'
const group = { level: 'group', groupId: '42' } as const
let bronze = ''
beforeEach(async () => {
  bronze = await mkdtemp(join(tmpdir(), 'floe-bronze-'))
})
afterEach(async () => rm(bronze, { recursive: true, force: true }))

async function put(exportId: string, state: Partial<ExportState>): Promise<void> {
  await mkdir(join(bronze, exportId))
  const whole = { format: 1, exportId, fhirUrl, request: group, startedAt: '2026-01-01T00:00:00Z', files: [], ...state }
  await writeState(join(bronze, exportId), whole as unknown as ExportState)
}

function plan(request: ExportRequest, sinceAuto = false): ExportPlan {
  return { client: { fhirUrl: `${fhirUrl}/` }, request, sinceAuto, transfer: {}, additions: { hydrate: [] } }
}

test('the newest unfinished export of the same request is taken up', async () => {
  await put('done', { phase: 'complete' })
  await put('old', { phase: 'downloading' })
  await put('new', { phase: 'in-progress', startedAt: '2026-02-01T00:00:00Z' })
  await put('gone', { phase: 'gone', startedAt: '2026-03-01T00:00:00Z' })
  await put('other', { phase: 'downloading', startedAt: '2026-03-01T00:00:00Z', request: { ...group, type: ['Patient'] } })
  expect((await unfinishedExport(bronze, plan({ ...group, kickoff: 'auto' })))?.state.exportId).toBe('new')
  expect(await unfinishedExport(bronze, plan({ ...group, groupId: '43' }))).toBeUndefined()
})

test('with --since auto the time that it was begun with does not matter', async () => {
  await put('begun', { phase: 'downloading', request: { ...group, since: '2025-12-01T00:00:00Z' } })
  expect(await unfinishedExport(bronze, plan(group))).toBeUndefined()
  expect((await unfinishedExport(bronze, plan(group, true)))?.state.exportId).toBe('begun')
})

test('finished exports that were never loaded are loaded first, oldest data first', async () => {
  await put('c', { phase: 'complete', transactionTime: '2026-03-01T00:00:00Z' })
  await put('a', { phase: 'complete', transactionTime: '2026-01-01T00:00:00Z' })
  await put('b', { phase: 'complete', transactionTime: '2026-02-01T00:00:00Z' })
  await put('d', { phase: 'downloading', transactionTime: '2026-01-15T00:00:00Z' })
  const loads = [
    { export_id: 'b', status: 'complete' },
    { export_id: 'c', status: 'failed' },
  ] as unknown as LoadRow[]
  expect((await pendingExports(bronze, loads)).map(({ state }) => state.exportId)).toEqual(['a', 'c'])
})

test('an increment never follows an export that was rolled back, unless it was loaded again', async () => {
  for (const id of ['a', 'b', 'c']) await put(id, { phase: 'complete', transactionTime: '2026-01-01T00:00:00Z' })
  const loads = [
    { export_id: 'a', status: 'rolled back' },
    { export_id: 'b', status: 'rolled back' },
    { export_id: 'b', status: 'complete' },
  ] as unknown as LoadRow[]
  const found = notRolledBack(await exportsUnder(bronze), loads)
  expect(found.map(({ state }) => state.exportId).sort()).toEqual(['b', 'c'])
})

test('a bronze that is not there holds nothing', async () => {
  expect(await unfinishedExport(join(bronze, 'none'), plan(group))).toBeUndefined()
})
