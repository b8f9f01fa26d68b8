import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startEhr } from '@floe/testkit'
import { expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { makeExportFolder, scratch } from './support.ts'

test('several sources in one run: one that fails stops no other, the exit code is the worst', async () => {
  await using work = await scratch('sources')
  const folder = await makeExportFolder(join(work.dir, 'source'), {
    'Patient.000.ndjson': '{"resourceType":"Patient","id":"a"}\n',
  })
  await using epic = await startEhr({ folder, polls: 1 })
  await using oracle = await startEhr({ folder, polls: 0 })
  await using closed = await startEhr({ folder, faults: [{ on: 'kickoff', do: { kind: 'answer', status: 403 } }] })
  const sources = {
    epic: { fhirUrl: epic.fhirUrl, group: '42', parallel: 1 },
    closed: { fhirUrl: closed.fhirUrl, group: '1' },
    oracle: { fhirUrl: `${oracle.fhirUrl}/Patient` },
  }
  const configFile = join(work.dir, 'floe.config.json')
  await writeFile(configFile, JSON.stringify({ lake: './lake', sources }))
  const run = await runFloe(['etl', '--all-sources', '--config', configFile, '--json'])
  expect(run.json).toMatchObject({
    exitCode: 4,
    sources: {
      epic: { exitCode: 0, loads: [{ source: 'epic', status: 'complete' }] },
      closed: { exitCode: 4, error: { code: 'kickoff-refused' } },
      oracle: { exitCode: 0, loads: [{ source: 'oracle', status: 'complete' }] },
    },
  })
  expect([run.code, run.error?.code, run.error?.message]).toEqual([4, 'kickoff-refused', '1 of 3 sources failed'])
  expect(new Set(run.events.map(({ source }) => source))).toEqual(new Set(['epic', 'closed', 'oracle']))
  const { json } = await runFloe([
    'query',
    'select _source from silver.patient order by 1',
    '--lake',
    join(work.dir, 'lake'),
    '--format',
    'json',
  ])
  expect(json).toEqual([{ _source: 'epic' }, { _source: 'oracle' }])

  await writeFile(configFile, JSON.stringify({ lake: './lake', sources: { epic: sources.epic, oracle: sources.oracle } }))
  const text = await runFloe(['etl', '--all-sources', '--config', configFile])
  expect([text.code, text.stdout]).toEqual([0, expect.stringMatching(/ epic: complete\n oracle: complete\n/)])
})
