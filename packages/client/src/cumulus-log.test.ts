import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lines, startFake } from './bulk-server.suite.ts'
import { attempt, tempBench } from './test-run.suite.ts'

/**
 * What Cumulus ETL takes from an export folder, by its documented rules: `log.ndjson`, the last kick-off's exportId, the group as
 * the last path part after `/Group/` of its exportUrl, and the `status_complete` of the same exportId.
 */
function cumulusIdentity(log: string): { exportId: string; group: string; exportTime: string } {
  const rows = log
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => JSON.parse(line) as { exportId: string; eventId: string; eventDetail: Record<string, string> })
  const kickoff = rows.findLast(({ eventId }) => eventId === 'kickoff')
  const complete = rows.find(({ eventId, exportId }) => eventId === 'status_complete' && exportId === kickoff?.exportId)
  const path = new URL(kickoff?.eventDetail.exportUrl ?? '').pathname.replace(/\/\$export$/, '')
  const group = path.includes('/Group/') ? (path.split('/Group/').at(-1) ?? '') : ''
  if (kickoff === undefined || complete === undefined) throw new Error('no kick-off or no completion')
  return { exportId: kickoff.exportId, group, exportTime: complete.eventDetail.transactionTime ?? '' }
}

test.each([
  [{ level: 'group', groupId: 'cohort-7' } as const, 'cohort-7'],
  [{ level: 'patient' } as const, ''],
])('Cumulus ETL reads identity, group and time from the log of %j', async (request, group) => {
  await using bench = await tempBench()
  await using server = await startFake({ files: [{ body: lines('Patient', 1) }] })
  const { receipt } = await attempt(server, bench.dest, { request })
  const identity = cumulusIdentity(await readFile(join(bench.dest, 'log.ndjson'), 'utf8'))
  expect(identity).toEqual({ exportId: receipt?.exportId, group, exportTime: receipt?.transactionTime })
  expect(identity.exportId).toMatch(/^[\w.-]{1,64}$/)
})
