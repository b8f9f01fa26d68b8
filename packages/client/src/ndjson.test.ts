import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compressionOf, countLines, isBlankLine, LineCounter, lineText, openLines, splitLines } from './ndjson.ts'

/** The rule said again, slowly: over whole lines, with the BOM as a character. */
function countSlowly(bytes: Buffer): number {
  return bytes
    .toString('latin1')
    .split('\n')
    .filter((line) => line.replaceAll('\u00ef\u00bb\u00bf', '').replaceAll(/[ \t\r]/g, '') !== '').length
}

/** Bytes that matter to counting, BOMs whole and in pieces. */
const tricky = fc
  .array(
    fc.constantFrom(
      '\n',
      '\r\n',
      ' ',
      '\t',
      '\u00ef\u00bb\u00bf',
      '\u00ef',
      '\u00ef\u00bb',
      '\u00bb',
      '{"a":1}',
      'x',
      '\u00c3\u00a9',
    ),
    { maxLength: 40 },
  )
  .map((parts) => Buffer.from(parts.join(''), 'latin1'))

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [...new Set(at.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b)
  return [0, ...places].map((from, index) => bytes.subarray(from, places[index] ?? bytes.length))
}

test('lines are counted alike, however the bytes are cut into chunks', () => {
  fc.assert(
    fc.property(tricky, fc.array(fc.nat(), { maxLength: 12 }), (bytes, at) => {
      const counter = new LineCounter()
      for (const chunk of cut(bytes, at)) counter.push(chunk)
      expect(counter).toMatchObject({ lines: countSlowly(bytes), bytes: bytes.length })
    }),
    { numRuns: 2000 },
  )
})

test.each([
  ['nothing', '', 0],
  ['one line without an end', '{}', 1],
  ['blank lines first', '\n\r\n \t\n{}\n', 1],
  ['a BOM alone', '\ufeff\n', 0],
  ['a BOM before a line', '\ufeff{}\n{}\n', 2],
  ['CRLF', '{}\r\n{}\r\n', 2],
])('%s', (_, text, expected) => {
  const counter = new LineCounter()
  counter.push(Buffer.from(text))
  expect(counter.lines).toBe(expected)
})

test('lines are split alike at every chunk offset, multi-byte characters whole', async () => {
  const bytes = Buffer.from('{"name":"Zoë 李 😀"}\n\n{"b":1.10}\r\n{"last":true}')
  for (let at = 0; at <= bytes.length; at += 1) {
    const chunks = async function* (): AsyncGenerator<Buffer> {
      yield bytes.subarray(0, at)
      yield bytes.subarray(at)
    }
    const seen: unknown[] = []
    for await (const { bytes: line, number, terminated } of splitLines(chunks())) seen.push([lineText(line), number, terminated])
    expect(seen).toEqual([
      ['{"name":"Zoë 李 😀"}', 1, true],
      ['', 2, true],
      ['{"b":1.10}', 3, true],
      ['{"last":true}', 4, false],
    ])
  }
})

test('a line longer than the limit is an error, not memory', async () => {
  const chunks = async function* (): AsyncGenerator<Buffer> {
    for (;;) yield Buffer.alloc(1024, 'x')
  }
  await expect(splitLines(chunks(), { maxLineBytes: 10_000 }).next()).rejects.toThrow('line 1 is longer than 10000 bytes')
})

test('plain, gzip and zstd files hold the same lines; a cut archive fails', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'floe-ndjson-'))
  const text = Array.from({ length: 1000 }, (_, index) => `{"id":"${index}"}\n`).join('')
  await writeFile(join(folder, 'a.ndjson'), text)
  await writeFile(join(folder, 'a.ndjson.GZ'), gzipSync(text))
  await writeFile(join(folder, 'a.ndjson.zst'), zstdCompressSync(text))
  await writeFile(join(folder, 'cut.ndjson.gz'), gzipSync(text).subarray(0, 500))
  for (const name of ['a.ndjson', 'a.ndjson.GZ', 'a.ndjson.zst']) {
    expect(await countLines(join(folder, name)), name).toEqual({ lines: 1000, bytes: text.length })
  }
  await expect(countLines(join(folder, 'cut.ndjson.gz'))).rejects.toThrow()
  let last = ''
  for await (const { bytes } of openLines(join(folder, 'a.ndjson.zst'))) last = lineText(bytes)
  expect(last).toBe('{"id":"999"}')
  await rm(folder, { recursive: true })
})

test('names and blank lines', () => {
  expect(['x.ndjson', 'x.NDJSON.gz', 'x.zst'].map(compressionOf)).toEqual(['none', 'gzip', 'zstd'])
  expect(isBlankLine(Buffer.from('\ufeff \t\r'))).toBe(true)
  expect(isBlankLine(Buffer.from(' x'))).toBe(false)
})

test('several zstd frames are one file, frames without data among them; a missing end fails after what is there', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'floe-ndjson-'))
  const file = join(folder, 'frames.ndjson.zst')
  const skippable = Buffer.from([0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 9, 9])
  const long = `{"b":"${'x'.repeat(1 << 20)}"}\n`
  const frames = Buffer.concat([zstdCompressSync('{"a":1}\n'), skippable, zstdCompressSync(long)])
  await writeFile(file, frames)
  expect(await countLines(file)).toEqual({ lines: 2, bytes: 8 + long.length })
  for (const cut of [1, 5]) {
    await writeFile(file, frames.subarray(0, -cut))
    await expect(countLines(file)).rejects.toThrow('unexpected end of file')
  }
  await writeFile(file, 'not packed')
  await expect(countLines(file)).rejects.toThrow('not a zstd frame')
  await rm(folder, { recursive: true })
})
