/** Bytes of files: lines, JSON, archives, logs. */
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { LineCounter, splitLines } from '@floe/client/ndjson'
import { findPlaces, splice } from '../packages/client/src/additions/json-places.ts'
import { readExportLog } from '../packages/lake/src/bronze/export-log.ts'
import { LineFile, type LineReport } from '../packages/lake/src/bronze/lines.ts'
import { readManifests } from '../packages/lake/src/bronze/manifest.ts'
import { scanFile } from '../packages/lake/src/bronze/scan-file.ts'
import { LineScanner } from '../packages/lake/src/bronze/scanner.ts'
import { scratch } from './scratch.ts'
import { Finding, failing, only, type Target, texts } from './target.ts'

const patient = {
  ...{ resourceType: 'Patient', id: 'p1', meta: { lastUpdated: '2026-01-01T00:00:00.100+02:00', versionId: '2' } },
  ...{ name: [{ family: 'Grüße ∑ 😀', given: ['A', 'B'], _given: [null, { extension: [{ url: 'u', valueCode: 'x' }] }] }] },
  ...{
    multipleBirthInteger: 2,
    deceasedBoolean: false,
    birthDate: '1970-01-01',
    contained: [{ resourceType: 'Basic', id: 'b' }],
  },
}
const observation = {
  ...{
    resourceType: 'Observation',
    id: 'o-1.2',
    status: 'final',
    code: { coding: [{ system: 'http://loinc.org', code: '1-8' }] },
  },
  ...{ valueQuantity: { value: 1.1, unit: 'mg' }, component: [{ valueSampledData: { dimensions: 1, data: '1 2' } }] },
}
const lines = texts(
  JSON.stringify(patient),
  `${JSON.stringify(patient)}\n${JSON.stringify(observation)}\n`,
  `\ufeff${JSON.stringify(observation)}\r\n\r\n${JSON.stringify(patient)}`,
  '{"resourceType":"Patient","id":"a","x":[1.10,-0.0,1E400,12345678901234567890],"y":"\\ud83d\\ude00"}\n{}\n[]\n',
)
const words = [
  '"resourceType":"Patient"',
  '"id":"a"',
  '"extension":[',
  '"_birthDate":',
  '\\u',
  '"contained":[',
  '{"resourceType":"Bundle"}',
]

const scanner = new LineScanner()

function report(bytes: Buffer, chunk: number): LineReport {
  const file = new LineFile(scanner, { maxLine: 1 << 18, block: 1 << 12 })
  for (let at = 0; at < bytes.length; at += chunk) file.push(bytes.subarray(at, at + chunk))
  return file.end()
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

function parsed(line: Buffer): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(decoder.decode(line)) }
  } catch {
    return undefined
  }
}

/** The scanner refuses what JSON.parse refuses, takes nothing else than objects, and does not mind how the bytes arrive. */
const scan: Target = {
  ...{ seeds: lines, words, json: true },
  run(input) {
    const whole = report(input, Number.POSITIVE_INFINITY)
    const pieces = report(input, 1 + (input.length % 97))
    if (JSON.stringify(whole) !== JSON.stringify(pieces))
      throw new Finding('pieces of the file give another report than the file')
    const refused = new Map(whole.refused.map((each) => [each.line, each.reason]))
    const unmarked = input.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? input.subarray(3) : input
    for (const [index, line] of splitBytes(unmarked).entries()) {
      const reason = refused.get(index + 1)
      const text = trimmed(line)
      if (text.length === 0 || text.length > 1 << 18) continue
      const json = parsed(text)
      const object = typeof json?.value === 'object' && json.value !== null && !Array.isArray(json.value) ? json.value : undefined
      if (reason === undefined) {
        const { resourceType, id } = (object ?? {}) as { resourceType?: unknown; id?: unknown }
        if (typeof resourceType !== 'string' || typeof id !== 'string')
          throw new Finding(`line ${index + 1} is taken, but no resource`)
      }
      if (reason === 'json' && object !== undefined)
        throw new Finding(`line ${index + 1} is refused as no JSON, but is an object`)
    }
  },
}

function splitBytes(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  let from = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, from)) {
    found.push(bytes.subarray(from, at))
    from = at + 1
  }
  return [...found, bytes.subarray(from)]
}

function trimmed(line: Buffer): Buffer {
  let [from, to] = [0, line.length]
  const blank = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x09 || byte === 0x0d
  // BOMs are blank wherever a line begins: files that others put together have them in the middle.
  const marked = (): boolean => line[from] === 0xef && line[from + 1] === 0xbb && line[from + 2] === 0xbf
  while (from < to && (blank(line[from]) || marked())) from += marked() ? 3 : 1
  while (to > from && blank(line[to - 1])) to--
  return line.subarray(from, to)
}

/** Lines and their number do not depend on how the bytes arrive. */
const split: Target = {
  ...{ seeds: lines, words },
  async run(input) {
    const size = 1 + (input.length % 61)
    const pieces = Array.from({ length: Math.ceil(input.length / size) }, (_, index) =>
      input.subarray(index * size, (index + 1) * size),
    )
    const found: Buffer[] = []
    for await (const line of splitLines(stream(pieces))) found.push(Buffer.from(line.bytes))
    const expected = splitBytes(input)
    if (expected.at(-1)?.length === 0) expected.pop()
    if (found.length !== expected.length || found.some((line, index) => !line.equals(expected[index] ?? Buffer.alloc(0)))) {
      throw new Finding('other lines than between line feeds')
    }
    const [one, many] = [new LineCounter(), new LineCounter()]
    one.push(input)
    for (const piece of pieces) many.push(piece)
    if (one.lines !== many.lines) throw new Finding('pieces count other lines')
  },
}

async function* stream(pieces: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* pieces
}

/** Places in a JSON text are found exactly where JSON.parse reads it, and nothing is changed by not changing it. */
const places: Target = {
  ...{ seeds: texts(patient, observation, '[1,{"a":[{"b":"\\u0041"}]}, " x "]'), words, json: true },
  run(input) {
    const text = input.toString('utf8')
    const found = failing(only(SyntaxError), () => findPlaces(text, () => true))
    const json = failing(only(SyntaxError), () => ({
      value: JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as unknown,
    }))
    if (found === undefined) return
    if (json === undefined) throw new Finding('taken for JSON, which it is not')
    for (const { start, end } of found.slice(0, 50)) JSON.parse(text.slice(start, end))
    if (splice(text, []) !== text) throw new Finding('changed without an edit')
  },
}

/** A packed file never makes a load fail by itself; one that its own tool unpacks is read whole. */
function archive(compression: 'gzip' | 'zstd'): Target {
  const pack = compression === 'gzip' ? gzipSync : zstdCompressSync
  const unpack = compression === 'gzip' ? gunzipSync : zstdDecompressSync
  const plain = Buffer.concat(lines.slice(1, 2))
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3])
  return {
    seeds: [
      pack(plain),
      Buffer.concat([pack(plain), pack(plain)]),
      ...(compression === 'zstd' ? [Buffer.concat([skippable, pack(plain)])] : []),
    ],
    async run(input) {
      const path = join(scratch, `input.${compression}`)
      writeFileSync(path, input)
      const hashed = await scanFile({ path, compression, maxLine: 1 << 18 }, scanner)
      if (hashed.sha256 !== createHash('sha256').update(input).digest('hex'))
        throw new Finding('another hash than that of the bytes')
      const whole = failing(
        () => true,
        () => unpack(input, { maxOutputLength: 1 << 24 }),
      )
      const torn = hashed.refused.some(({ reason }) => reason === 'truncated' || reason === 'damaged')
      // Node's own zstd is silent about a missing end and stops after one frame: only more lines than it reads can be right.
      if (whole !== undefined && !torn && compression === 'gzip') {
        const own = report(whole, Number.POSITIVE_INFINITY)
        if (JSON.stringify(own.types) !== JSON.stringify(hashed.types))
          throw new Finding('other lines than the unpacked file has')
      }
    },
  }
}

const event = (eventId: string, eventDetail: object): string =>
  JSON.stringify({ exportId: 'e', timestamp: '2026-01-01T00:00:00Z', eventId, eventDetail })

/** A log tells of exports, or is none. */
const log: Target = {
  ...{ json: true, words: ['"eventId":"kickoff"', '"exportId":null', '"transactionTime":'] },
  seeds: texts(
    [
      event('kickoff', {
        exportUrl: 'https://ehr.example.org/fhir/Group/g/$export?_type=Patient',
        requestParameters: { _since: '2026' },
      }),
      event('status_complete', { transactionTime: '2026-01-01T00:00:00Z' }),
      event('download_request', { fileUrl: 'https://ehr.example.org/1', itemType: 'output', resourceType: 'Patient' }),
      event('download_complete', { fileUrl: 'https://ehr.example.org/1', path: 'Patient.000.ndjson' }),
      event('export_complete', { files: 1 }),
    ].join('\n'),
  ),
  async run(input) {
    const path = join(scratch, 'log.ndjson')
    writeFileSync(path, input)
    await readExportLog(path)
  },
}

const savedManifest: Target = {
  json: true,
  seeds: texts({
    ...{ transactionTime: '2026-01-01T00:00:00Z', request: 'https://ehr.example.org/fhir/$export', requiresAccessToken: true },
    ...{ output: [{ type: 'Patient', url: 'https://ehr.example.org/Patient.000.ndjson', count: 2 }], deleted: [], error: [] },
  }),
  async run(input) {
    writeFileSync(join(scratch, 'manifest.json'), input)
    await readManifests(scratch, ['manifest.json'])
  },
}

export const fileTargets: Record<string, Target> = {
  ...{ 'ndjson-scanner': scan, 'ndjson-lines': split, 'json-places': places, gzip: archive('gzip'), zstd: archive('zstd') },
  ...{ 'export-log': log, 'saved-manifest': savedManifest },
}
