import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { ImportSpec } from './spec.ts'
import { stageInputs } from './stage.ts'

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'floe-stage-'))
  await mkdir(join(root, 'stage'))
})
afterEach(() => rm(root, { recursive: true }))

const options = { allow: [], maxBytes: 1_000_000, maxLine: 100_000, signal: new AbortController().signal }
const spec: ImportSpec = {
  access: { types: [], group: undefined },
  inputs: [
    { inputUrl: 'upload:a', type: undefined, staged: '0000' },
    { inputUrl: 'upload:b', type: undefined, staged: '0001' },
    { inputUrl: 'upload:c', type: undefined, staged: '0002' },
  ],
  mode: 'merge',
  stage: 'stage',
  mayDelete: true,
}
const line = (resourceType: string, id: string): string => `${JSON.stringify({ resourceType, id })}\n`
const deletion = `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', entry: [{ request: { method: 'DELETE', url: 'Patient/p' } }] })}\n`

test('D1: staging that was cut off at any file goes on to the same end', async () => {
  const upload = async (): Promise<void> => {
    await writeFile(join(root, 'stage/0000'), line('Patient', 'p') + line('Patient', 'q'))
    await writeFile(join(root, 'stage/0001'), gzipSync(line('Patient', 'r') + line('Condition', 's')))
    await writeFile(join(root, 'stage/0002'), deletion)
  }
  await upload()
  const whole = await stageInputs(spec, root, options)
  expect(whole.staged.map(({ file, lines, type, problem }) => [file, lines, type, problem])).toEqual([
    [expect.stringMatching(/^0000\./), 2, 'Patient', undefined],
    ['0001.ndjson.gz', 2, null, undefined],
    ['deleted/0002.ndjson', 1, 'Bundle', undefined],
  ])
  expect(await stageInputs(spec, root, options)).toEqual(whole)
  // Nothing lies under a name that neither the upload nor the load knows: the bytes move in one step.
  expect((await readdir(join(root, 'stage'))).toSorted()).toEqual(['load'])
  for (const cut of [0, 1, 2]) {
    await rm(join(root, 'stage/load'), { recursive: true })
    await upload()
    await stageInputs({ ...spec, inputs: spec.inputs.slice(0, cut) }, root, options)
    expect(await stageInputs(spec, root, options)).toEqual(whole)
  }
})
