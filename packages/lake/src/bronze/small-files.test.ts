import { existsSync } from 'node:fs'
import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planExports } from './plan.ts'
import { registerExport, reopenExport } from './register.ts'
import { readBronzeState } from './state.ts'
import { toDocument } from './state-text.ts'
import type { BronzeExport } from './types.ts'

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-small-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

const count = 2_000
const line = (type: string, n: number): string => `{"resourceType":"${type}","id":"${type[0]}${n}"}`

/** Files that are small in every odd way that a file can be; each with the good lines that it holds. */
function odd(n: number): { name: string; content: string | Buffer; good: string[] } {
  const [patient, condition] = [line('Patient', n), line('Condition', n)]
  const at = String(n).padStart(5, '0')
  switch (n % 400) {
    case 1:
      return { name: `Patient.${at}.ndjson`, content: `\ufeff${patient}\n`, good: [patient] }
    case 2:
      return { name: `Patient.${at}.ndjson`, content: `${patient}\nno JSON\n`, good: [patient] }
    case 3:
      return {
        name: `Patient.${at}.ndjson`,
        content: `${patient}\r\n\r\n${line('Patient', n + count)}`,
        good: [patient, line('Patient', n + count)],
      }
    case 4:
      return { name: `x.${at}.ndjson`, content: `${condition}\n${patient}\n`, good: [condition, patient] }
    case 5:
      return { name: `Patient.${at}.ndjson.gz`, content: gzipSync(`${patient}\n`), good: [patient] }
    case 6:
      return { name: `Patient.${at}.ndjson`, content: gzipSync(`${patient}\n`), good: [patient] }
    case 7:
      return { name: `Patient.${at}.ndjson`, content: `${patient}\n{"resourceType":"Pati`, good: [patient] }
    case 8:
      return { name: `Patient.${at}.ndjson`, content: '', good: [] }
    default:
      return n % 3 === 0
        ? { name: `Condition.${at}.ndjson`, content: `${condition}\n`, good: [condition] }
        : { name: `Patient.${at}.ndjson`, content: `${patient}\n`, good: [patient] }
  }
}

const made = Array.from({ length: count }, (_, n) => odd(n)).toSorted((a, b) => (a.name < b.name ? -1 : 1))

async function folderOf(name: string, files: readonly { name: string; content: string | Buffer }[]): Promise<string> {
  const folder = join(dir, name)
  await mkdir(folder)
  await Promise.all(files.map(({ name: file, content }) => writeFile(join(folder, file), content)))
  return folder
}

async function register(folder: string, lakeDir: string): Promise<BronzeExport> {
  await mkdir(lakeDir, { recursive: true })
  const [planned] = await planExports(folder, { source: 'site', exportGroup: 'g', exportTimestamp: '2026-01-02T02:00:00Z' })
  if (planned === undefined) throw new Error('no export')
  return await registerExport(planned, { lakeDir })
}

async function staged(bronze: BronzeExport, type: string): Promise<string[]> {
  await bronze.stage()
  const files = bronze.types.find((it) => it.type === type)?.files ?? []
  const plain = files.filter(({ compression }) => compression === 'none')
  const texts = await Promise.all(plain.map(({ path }) => readFile(path, 'utf8')))
  return texts.flatMap((text) => text.split(/\r?\n/)).filter(Boolean)
}

const expected = (type: string): string[] => made.flatMap(({ good }) => good).filter((text) => text.includes(`"${type}"`))

describe('two thousand files of a line', () => {
  const lake = (): string => join(dir, 'lake')
  let first: BronzeExport
  beforeAll(async () => {
    first = await register(await folderOf('many', made), lake())
  })

  test('are read as few, each line once, in order of arrival', async () => {
    for (const type of ['Patient', 'Condition']) {
      const found = first.types.find((it) => it.type === type)
      expect(found?.files.length).toBeLessThan(20)
      expect((found?.lines ?? 0) - (found?.quarantined ?? 0)).toBe(expected(type).length)
      expect(found?.files.reduce((sum, file) => sum + file.lines, 0)).toBe(expected(type).length)
      expect(await staged(first, type)).toEqual(expected(type))
    }
    await first.verify()
    await first.release()
    expect(await readdir(join(lake(), 'bronze/.staging'))).toEqual([])
  })

  test('each has its copy, and the state is written in lines', async () => {
    const names = await readdir(first.dir)
    expect(names.filter((name) => name.includes('ndjson')).length).toBe(count)
    const state = await readFile(join(first.dir, 'floe-bronze.json'), 'utf8')
    expect(state.split('\n').length).toBe(count + 2)
    expect(await readBronzeState(first.dir)).toMatchObject({ format: 2, fingerprint: first.fingerprint })
  })

  test('are known again, and come out of bronze alone as they came', async () => {
    expect(await register(join(dir, 'many'), lake())).toMatchObject({ unchanged: true, fingerprint: first.fingerprint })
    const again = await reopenExport(first.identity, { lakeDir: lake() })
    expect(again?.types.map(({ type, lines, quarantined }) => [type, lines, quarantined])).toEqual(
      first.types.map(({ type, lines, quarantined }) => [type, lines, quarantined]),
    )
    expect(await staged(again as BronzeExport, 'Patient')).toEqual(expected('Patient'))
    await again?.release()
  })

  test('a type can be had without the others', async () => {
    await first.stage('Condition')
    const there = (type: string): boolean[] =>
      (first.types.find((it) => it.type === type)?.files ?? []).map(({ path }) => existsSync(path))
    expect(there('Condition')).not.toContain(false)
    expect(there('Patient')).toContain(false)
    await first.release()
  })

  test('a state of one document says the same', async () => {
    const state = await readBronzeState(first.dir)
    if (state === undefined) throw new Error('no state')
    const other = join(dir, 'document')
    await mkdir(other)
    await writeFile(join(other, 'floe-bronze.json'), `${JSON.stringify(toDocument(state))}\n`)
    expect(await readBronzeState(other)).toEqual({ ...state, format: 1 })
  })

  test('a state that was cut is none', async () => {
    const other = join(dir, 'cut')
    await mkdir(other)
    const state = await readFile(join(first.dir, 'floe-bronze.json'))
    await writeFile(join(other, 'floe-bronze.json'), state)
    await truncate(join(other, 'floe-bronze.json'), state.lastIndexOf('\n', state.length - 2) + 1)
    expect(await readBronzeState(other)).toBeUndefined()
  })

  test('one that changes before it is loaded is noticed, and so is a copy that is not what it was', async () => {
    await appendFile(join(dir, 'many/Patient.01999.ndjson'), `${line('Patient', 9_999)}\n`)
    await expect(first.stage()).rejects.toMatchObject({ code: 'source-changed' })
    await expect(first.verify()).rejects.toMatchObject({ code: 'source-changed' })
    await writeFile(join(first.dir, 'Patient.01999.ndjson.zst'), '')
    const again = await reopenExport(first.identity, { lakeDir: lake() })
    await expect(again?.stage()).rejects.toMatchObject({ code: 'bronze-missing' })
  })
})

test('spaces around some lines are kept, whatever the other files are like', async () => {
  const files = Array.from({ length: 300 }, (_, n) => {
    const text = n === 150 ? ` ${line('Patient', n)} ` : line('Patient', n)
    return { name: `Patient.${String(n).padStart(5, '0')}.ndjson`, content: n % 2 === 0 ? `${text}\r\n\r\n` : `${text}\n`, text }
  })
  const bronze = await register(await folderOf('padded', files), join(dir, 'padded-lake'))
  const [type] = bronze.types
  expect(type?.files).toMatchObject([{ padded: true, lines: 300 }])
  await bronze.stage()
  const text = await readFile(type?.files[0]?.path ?? '', 'utf8')
  // A carriage return is never part of a line's text: beside one there are no spaces to keep.
  expect(
    text
      .split('\n')
      .map((it) => it.trim())
      .filter(Boolean),
  ).toEqual(files.map((it) => it.text.trim()))
  expect(text).not.toContain('\r')
})
