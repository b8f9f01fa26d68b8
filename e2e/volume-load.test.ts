import { createWriteStream, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadsOf } from './lake.ts'
import { makeExportFolder, scratch } from './support.ts'
import { watched } from './watched.ts'

/**
 * `FLOE_VOLUME=full`: 2.5 GB of lines of 5 MB, a gzip bomb of 1 GB, a million files. In every run: enough to fail where memory
 * grows.
 */
const full = process.env.FLOE_VOLUME === 'full'
const timeout = full ? 3_600_000 : 120_000
/** What a load may take in all; small runs have a smaller bound of the engine. */
const most = full ? 1_500_000_000 : 1_000_000_000
const limit = full ? [] : ['--memory-limit', '600MB']

let work: Awaited<ReturnType<typeof scratch>>
beforeAll(async () => {
  work = await scratch('volume-load')
})
afterAll(() => work[Symbol.asyncDispose]())

async function load(name: string, options: readonly string[] = limit) {
  const to = ['--lake', join(work.dir, `${name}-lake`), '--untracked', '--json', ...options]
  const run = await watched(['load', join(work.dir, name), ...to], { timeout })
  const [found] = run.json === undefined ? [] : loadsOf(run.json)
  const sum = (of: 'lines' | 'rows' | 'quarantined'): number | undefined => found?.types.reduce((all, type) => all + type[of], 0)
  if (run.peak !== null) expect(run.peak).toBeLessThan(most)
  return { code: run.code, error: run.error?.code, lines: sum('lines'), rows: sum('rows'), quarantined: sum('quarantined') }
}

/** Writes so many lines as one file. */
async function writeLines(path: string, count: number, line: (n: number) => string): Promise<void> {
  const lines = (function* () {
    for (let n = 0; n < count; n++) yield `${line(n)}\n`
  })()
  const file = createWriteStream(path)
  await (path.endsWith('.gz') ? pipeline(Readable.from(lines), createGzip(), file) : pipeline(Readable.from(lines), file))
}

test('lines with attachments of 5 MB', { timeout }, async () => {
  const count = full ? 500 : 16
  const folder = await makeExportFolder(join(work.dir, 'attachments'), {})
  // Base64 that does not repeat within the window of a packer, as scans and PDFs have it.
  const data = Buffer.from(Array.from({ length: 3_900_000 }, (_, n) => Math.imul(n, 2_654_435_761) >>> 23)).toString('base64')
  const resource = (n: number): string =>
    `{"resourceType":"DocumentReference","id":"d${n}","status":"current","content":[{"attachment":{"data":"${data}"}}]}`
  await writeLines(join(folder, 'DocumentReference.000.ndjson'), count, resource)
  expect(await load('attachments')).toEqual({ code: 0, error: undefined, lines: count, rows: count, quarantined: 0 })
})

test('an archive that unpacks to a thousand times its size', { timeout }, async () => {
  const count = full ? 5_000 : 500
  const folder = await makeExportFolder(join(work.dir, 'bomb'), {})
  const text = 'x'.repeat(200_000)
  const resource = (n: number): string => `{"resourceType":"Observation","id":"o${n}","status":"final","code":{"text":"${text}"}}`
  await writeLines(join(folder, 'Observation.000.ndjson.gz'), count, resource)
  expect(await load('bomb')).toEqual({ code: 0, error: undefined, lines: count, rows: count, quarantined: 0 })
})

test('ten thousand levels are refused, the lines around them are loaded', { timeout }, async () => {
  const nested = (levels: number): string =>
    `${'{"url":"u","extension":['.repeat(levels)}{"url":"u","valueString":"x"}${']}'.repeat(levels)}`
  const lines = [10_000, 20, 1].map((levels, n) => `{"resourceType":"Patient","id":"p${n}","extension":[${nested(levels)}]}\n`)
  await makeExportFolder(join(work.dir, 'deep'), { 'Patient.000.ndjson': lines.join('') })
  expect(await load('deep')).toEqual({ code: 7, error: 'incomplete', lines: 3, rows: 2, quarantined: 1 })
})

test('ten thousand URLs of extensions make no columns', { timeout }, async () => {
  const folder = await makeExportFolder(join(work.dir, 'urls'), {})
  const resource = (n: number): string =>
    `{"resourceType":"Patient","id":"p${n}","extension":[{"url":"https://example.org/extension/${n}","valueString":"${n}"}]}`
  await writeLines(join(folder, 'Patient.000.ndjson'), 10_000, resource)
  expect(await load('urls')).toEqual({ code: 0, error: undefined, lines: 10_000, rows: 10_000, quarantined: 0 })
})

const types = [
  ...['Patient', 'Encounter', 'Condition', 'Observation', 'Procedure', 'AllergyIntolerance', 'MedicationRequest', 'Immunization'],
  ...[
    'DiagnosticReport',
    'DocumentReference',
    'ServiceRequest',
    'Device',
    'Location',
    'Organization',
    'Practitioner',
    'CarePlan',
  ],
  ...['CareTeam', 'Goal', 'Medication', 'Coverage'],
]

test.each([1, types.length])('files of one line, of %i types', { timeout }, async (some) => {
  const count = full ? 1_000_000 : 2_000
  const name = `many-${some}`
  const folder = await makeExportFolder(join(work.dir, name), {})
  for (let n = 0; n < count; n++) {
    const type = types[n % some]
    writeFileSync(join(folder, `${type}.${n}.ndjson`), `{"resourceType":"${type}","id":"r${n}"}\n`)
  }
  expect(await load(name)).toEqual({ code: 0, error: undefined, lines: count, rows: count, quarantined: 0 })
  await rm(folder, { recursive: true })
})
