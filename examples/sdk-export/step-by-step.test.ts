import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { countLines } from '@floe/client/ndjson'
import { startEhr, synthesize } from '@floe/testkit'
import { expect, test, vi } from 'vitest'
import { exportStepByStep } from './step-by-step.ts'

test('an export made of its steps: verified files, and a job that is gone at the end', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const work = await mkdtemp(join(tmpdir(), 'floe-example-'))
  const { folder, types } = await synthesize({ patients: 5, out: join(work, 'population') })
  await using ehr = await startEhr({ folder, polls: 1 })
  const files = await exportStepByStep({ fhirUrl: ehr.fhirUrl, to: join(work, 'files') })
  expect(files.map(({ type }) => type).toSorted()).toEqual(['Condition', 'Patient'])
  for (const { type, path, lines, sha256 } of files) {
    expect([lines, sha256.length]).toEqual([types[type], 64])
    expect((await countLines(join(work, 'files', path))).lines).toBe(lines)
  }
  expect([ehr.count('kickoff'), ehr.jobs]).toEqual([1, 0])
  await rm(work, { recursive: true })
})
