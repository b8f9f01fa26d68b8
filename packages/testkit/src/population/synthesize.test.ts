import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import type { SynthesizeReceipt } from './options.ts'
import { temporaryFolder } from './population.suite.ts'
import { synthesize } from './synthesize.ts'

/** One digest for everything in a folder: names, and bytes after decompression. */
function digestOf(folder: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()) {
    if (statSync(join(folder, name)).isDirectory()) continue
    const bytes = readFileSync(join(folder, name))
    const plain = name.endsWith('.gz') ? gunzipSync(bytes) : name.endsWith('.zst') ? zstdDecompressSync(bytes) : bytes
    hash.update(`${name.replace(/\.(gz|zst)$/, '')}\n`).update(plain)
  }
  return hash.digest('hex')
}

const json = (folder: string, name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(folder, name), 'utf8')) as Record<string, unknown>

const events = (folder: string): { eventId: string; eventDetail: Record<string, unknown> }[] =>
  readFileSync(join(folder, 'log.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { eventId: string; eventDetail: Record<string, unknown> })

describe('synthesize', () => {
  test('gives the same bytes for the same seed, whether or not a second export is made, however it is compressed', async () => {
    using folder = temporaryFolder()
    const at = (name: string): string => join(folder.path, name)
    await synthesize({ patients: 12, seed: 5, out: at('a') })
    await synthesize({ patients: 12, seed: 5, out: at('b'), later: at('b-later') })
    await synthesize({ patients: 12, seed: 5, out: at('gz'), later: at('gz-later'), compress: 'gzip' })
    await synthesize({ patients: 12, seed: 5, out: at('zst'), compress: 'zstd' })
    await synthesize({ patients: 12, seed: 6, out: at('other') })
    const a = digestOf(at('a'))
    expect([digestOf(at('b')), digestOf(at('gz')), digestOf(at('zst'))]).toEqual([a, a, a])
    expect(digestOf(at('gz-later'))).toBe(digestOf(at('b-later')))
    expect(digestOf(at('other'))).not.toBe(a)
  })

  test('makes the same people first in a larger population', async () => {
    using folder = temporaryFolder()
    const names = await Promise.all(
      [3, 9].map(async (patients) => {
        const out = join(folder.path, String(patients))
        await synthesize({ patients, seed: 2, out })
        return readFileSync(join(out, 'Patient.000.ndjson'), 'utf8')
          .split('\n')
          .slice(0, 3)
          .map((line) => (JSON.parse(line) as { birthDate: string }).birthDate)
      }),
    )
    expect(names[0]).toEqual(names[1])
  })

  test('writes an export folder: files by type, manifest, counts, log, for the owner only', async () => {
    using folder = temporaryFolder()
    const out = join(folder.path, 'first')
    const receipt = await synthesize({ patients: 10, out, fileBytes: 500_000 })
    const files = readdirSync(out).filter((name) => /\.\d{3}\.ndjson$/.test(name))
    expect(receipt.files).toBe(files.length)
    expect(files).toContain('Observation.001.ndjson')
    expect(files.filter((name) => name.includes('.part'))).toEqual([])
    for (const name of readdirSync(out)) expect(statSync(join(out, name)).mode & 0o777).toBe(0o600)
    expect(statSync(out).mode & 0o777).toBe(0o700)
    const lines: Record<string, number> = {}
    let bytes = 0
    for (const name of files) {
      const text = readFileSync(join(out, name), 'utf8')
      const type = name.split('.')[0] ?? ''
      lines[type] = (lines[type] ?? 0) + text.split('\n').length - 1
      bytes += Buffer.byteLength(text)
    }
    expect(json(out, 'counts.json')).toEqual(lines)
    expect(receipt).toMatchObject({
      types: lines,
      bytes,
      patients: 10,
      groupId: 'demo',
      transactionTime: '2026-11-01T06:00:00.000Z',
    })
    const manifest = json(out, 'manifest.json') as { output: { type: string; count: number }[] } & Record<string, unknown>
    expect(manifest).toMatchObject({
      transactionTime: receipt.transactionTime,
      request: 'https://ehr.example.org/fhir/Group/demo/$export',
      requiresAccessToken: true,
      deleted: [],
      error: [],
    })
    expect(manifest.output.reduce((sum, { count }) => sum + count, 0)).toBe(receipt.resources)
    expect(new Set(events(out).map(({ eventId }) => eventId))).toEqual(
      new Set([
        'kickoff',
        'status_progress',
        'status_page_complete',
        'status_complete',
        'manifest_complete',
        'download_request',
        'download_complete',
        'export_complete',
      ]),
    )
    expect(events(out).find(({ eventId }) => eventId === 'status_complete')?.eventDetail).toEqual({
      transactionTime: receipt.transactionTime,
    })
  })

  test('tells a second export by _since, with the deletions counted apart', async () => {
    using folder = temporaryFolder()
    const later = join(folder.path, 'later')
    const receipt: SynthesizeReceipt = await synthesize({ patients: 50, out: join(folder.path, 'first'), later, laterDays: 60 })
    const second = receipt.later
    expect(second?.transactionTime).toBe('2026-12-31T06:00:00.000Z')
    const kickoff = events(later)[0]?.eventDetail as { exportUrl: string; requestParameters: Record<string, string> }
    expect(kickoff.requestParameters._since).toBe(receipt.transactionTime)
    expect(new URL(kickoff.exportUrl).pathname).toBe('/fhir/Group/demo/$export')
    expect(json(later, 'manifest.json').deleted).toEqual([expect.objectContaining({ type: 'Bundle' })])
    expect(json(later, 'counts.json')).toHaveProperty(['deleted/Bundle'])
    expect(second?.deleted).toBeGreaterThan(100)
    expect(second?.types.Patient).toBeGreaterThan(1)
  })

  test.each([
    ['no patients', { patients: 0 }],
    ['half a patient', { patients: 1.5 }],
    ['a seed that is no whole number', { patients: 1, seed: 0.5 }],
    ['an end that is no time', { patients: 1, asOf: 'yesterday' }],
    ['an address that is none', { patients: 1, baseUrl: 'ehr' }],
    ['no history', { patients: 1, years: 0 }],
    ['one folder for two exports', { patients: 1, out: 'both', later: './both' }],
  ])('refuses %s', async (_name, options) => {
    using folder = temporaryFolder()
    await expect(synthesize({ out: join(folder.path, 'x'), ...options })).rejects.toMatchObject({ code: 'usage', exitCode: 2 })
  })

  test('refuses a folder that holds something', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'precious.txt'), 'kept')
    await expect(synthesize({ patients: 1, out: folder.path })).rejects.toMatchObject({ code: 'usage', retryable: false })
    expect(readFileSync(join(folder.path, 'precious.txt'), 'utf8')).toBe('kept')
  })

  test('says where it cannot write', async () => {
    using folder = temporaryFolder()
    writeFileSync(join(folder.path, 'file'), '')
    await expect(synthesize({ patients: 1, out: join(folder.path, 'file', 'x') })).rejects.toMatchObject({
      code: 'failed',
      exitCode: 1,
      hint: expect.any(String),
    })
  })

  test('stops when told to, and leaves nothing that could be loaded', async () => {
    using folder = temporaryFolder()
    const out = join(folder.path, 'x')
    mkdirSync(out, { mode: 0o700 })
    const later = join(folder.path, 'later')
    const stop = new AbortController()
    const onProgress = ({ patients }: { patients: number }): void => {
      if (patients >= 32) stop.abort()
    }
    await expect(synthesize({ patients: 500, out, later, onProgress, signal: stop.signal })).rejects.toMatchObject({
      code: 'interrupted',
      exitCode: 130,
    })
    expect([...readdirSync(out), ...readdirSync(later)]).toEqual([])
  })
})
