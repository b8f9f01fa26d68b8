import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../engine/duckdb.ts'
import type { Engine } from '../engine/engine.ts'
import { literal } from '../engine/sql.ts'
import { LineFile } from './lines.ts'
import { LineScanner } from './scanner.ts'

let dir = ''
let engine: Engine
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-bronze-engine-'))
  engine = await openEngine({ tempDir: dir })
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await rm(dir, { recursive: true, force: true })
})

async function engineReads(name: string, bytes: Buffer): Promise<string[]> {
  const path = join(dir, name)
  await writeFile(path, bytes)
  const rows = await engine.all<{ text: string }>(`select json::varchar as text from read_ndjson_objects(${literal(path)})`)
  return rows.map((it) => it.text)
}

/** What the engine must be able to read because bronze hands it on without a copy. */
const odd = [
  '{"resourceType":"Patient","id":"plain"}',
  '{ "resourceType" : "Patient" ,\t"id":"spaces" , "x" : [ 1.10 , 2 ] }',
  '{"resourceType":"Patient","id":"escapes","x":"\\u0000\\ud83d\\ude00\\/\\"\\\\"}',
  '{"resourceType":"Patient","id":"bytes","x":"é€😀\u007f\u2028\ufeff\uffff"}',
  `{"resourceType":"Patient","id":"numbers","x":[-0,1e999,1E-999,0.1e+5,${'9'.repeat(400)},1.${'0'.repeat(50)}]}`,
  '{"resourceType":"Patient","id":"keys","":1,"__proto__":{},"a\\u0062":1}',
  `{"resourceType":"Patient","id":"deep","x":${'['.repeat(99)}${']'.repeat(99)}}`,
  `{"resourceType":"Patient","id":"long","x":"${'y'.repeat(3 << 20)}"}`,
]

test('lines that bronze calls good come out of the engine as they are', async () => {
  const text = `\n\r\n${odd.join('\r\n\n \t\r\n')}`
  const file = new LineFile(new LineScanner(), { type: 'Patient' })
  file.push(Buffer.from(text))
  expect(file.end()).toMatchObject({ refused: [], bom: false, types: { Patient: { lines: odd.length } } })
  expect(await engineReads('odd.ndjson', Buffer.from(text))).toEqual(odd)
})

test('archives of several parts', async () => {
  const [first = '', second = ''] = odd
  for (const [name, pack] of [
    ['two.ndjson.gz', gzipSync],
    ['two.ndjson.zst', zstdCompressSync],
  ] as const) {
    const parts = [pack(`${first}\n`), pack(`${second}\n`)]
    expect(await engineReads(name, Buffer.concat(parts))).toEqual([first, second])
  }
})
