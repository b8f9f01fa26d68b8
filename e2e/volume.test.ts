import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { spawnEhr } from '@floe/testkit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { digests, makeExportFolder, scratch, sha256 } from './support.ts'
import { watched } from './watched.ts'

/** `FLOE_VOLUME=full`: the sizes that people have. In every run: enough to see whether memory or work grows with size. */
const full = process.env.FLOE_VOLUME === 'full'
const fileBytes = full ? 10_000_000_000 : 150_000_000
const fileCount = full ? 20_000 : 200
const timeout = full ? 3_600_000 : 60_000

let work: Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  work = await scratch('volume')
})
afterAll(() => work[Symbol.asyncDispose]())

describe('volume', () => {
  test(`one file of ${fileBytes / 1e6} MB in bounded memory`, { timeout }, async () => {
    const source = await makeExportFolder(join(work.dir, 'large'), {})
    const path = join(source, 'Observation.000.ndjson')
    const line = `{"resourceType":"Observation","id":"1","text":"${'x'.repeat(954)}"}\n`
    const block = Buffer.from(line.repeat(1000))
    const blocks = Math.ceil(fileBytes / block.length)
    await pipeline(
      Readable.from(
        (function* () {
          for (let i = 0; i < blocks; i++) yield block
        })(),
      ),
      createWriteStream(path),
    )
    await using ehr = await spawnEhr({ folder: source, polls: 0 })
    const to = join(work.dir, 'large-out')
    const run = await watched(['export', `${ehr.fhirUrl}/Group/demo`, to, '--json'], { timeout })
    expect([run.code, await sha256(join(to, 'Observation.000.ndjson'))]).toEqual([0, await sha256(path)])
    expect(run.json).toMatchObject({ totals: { files: 1, resources: blocks * 1000, bytes: blocks * block.length } })
    if (run.peak === null) console.warn('memory was not looked at: there is no /proc here')
    else expect(run.peak).toBeLessThan(200_000_000)
  })

  test(`${fileCount} files of one line`, { timeout }, async () => {
    const names = Array.from({ length: fileCount }, (_, index) => `Patient.${String(index).padStart(3, '0')}.ndjson`)
    await mkdir(join(work.dir, 'many'))
    const source = await makeExportFolder(join(work.dir, 'many'), Object.fromEntries(names.map((name) => [name, { lines: 1 }])))
    await using ehr = await spawnEhr({ folder: source, polls: 0 })
    const to = join(work.dir, 'many-out')
    const run = await watched(['export', `${ehr.fhirUrl}/Group/demo`, to, '--json'], { timeout })
    const hashes = (folder: string) => digests(folder).then((found) => Object.values(found).sort())
    expect(run.error).toBeUndefined()
    expect([run.code, await hashes(to)]).toEqual([0, await hashes(source)])
    const fetched = (await ehr.requests()).filter(({ route }) => route === 'file')
    expect([fetched.length, new Set(fetched.map(({ file }) => file)).size]).toEqual([fileCount, fileCount])
  })
})
