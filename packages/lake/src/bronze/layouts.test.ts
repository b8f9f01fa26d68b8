import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { planExports } from './plan.ts'
import { registerExport, reopenExport } from './register.ts'
import type { BronzeExport } from './types.ts'

const shared = process.env.FLOE_SHARED ?? resolve(dirname(fileURLToPath(import.meta.url)), '../../../../../shared')
const data = join(shared, 'data')
const layouts = join(data, 'foreign-layouts')
const there = existsSync(layouts)
if (!there) console.warn(`skipped: layouts of other exporters (no ${layouts})`)

let dir = ''
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'floe-layouts-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

let lakes = 0
async function newLake(): Promise<string> {
  lakes += 1
  const lake = join(dir, `lake-${lakes}`)
  await mkdir(lake)
  return lake
}

const counts = ({ types }: BronzeExport): Record<string, number> =>
  Object.fromEntries(types.filter((it) => it.lines > 0).map((it) => [it.type, it.lines]))

const sorted = (record: Readonly<Record<string, number>> = {}): Record<string, number> =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

interface Expected {
  readonly group: string | null
  readonly transactionTime: string | null
  readonly lines: Record<string, number>
  readonly deletes?: Record<string, number>
  readonly outcomes?: number
  readonly undecided?: Record<string, unknown>
}

const names = there ? readdirSync(layouts).filter((it) => !['smart-fetch', 'two-logs', 'README.md'].includes(it)) : []

describe.skipIf(!there)('layouts of other exporters', () => {
  test.each(names)('%s', async (name) => {
    const expected = JSON.parse(readFileSync(join(layouts, name, 'expected.json'), 'utf8')) as Expected
    const [planned, ...more] = await planExports(join(layouts, name), { source: 'site' })
    if (!planned) throw new Error('no export')
    expect(more).toEqual([])
    expect(planned).toMatchObject({
      tracked: expected.transactionTime !== null,
      group: expected.group ?? '',
      exportTime: expected.transactionTime,
    })
    const lakeDir = await newLake()
    const bronze = await registerExport(planned, { lakeDir })
    const lines = name === 'odd-names' ? { ...expected.lines, Condition: 15 } : expected.lines
    expect(counts(bronze)).toEqual(sorted(lines))
    expect(sorted(bronze.deletions)).toEqual(sorted(expected.deletes))
    expect(bronze.outcomes.length).toBe(expected.outcomes ?? 0)
    expect([bronze.quarantine, bronze.refused]).toEqual([[], []])
    await bronze.stage()
    for (const { path, lines } of bronze.types.flatMap((it) => it.files).filter((it) => it.compression === 'none')) {
      const text = await readFile(path, 'utf8')
      expect(text.split('\n').filter((line) => line.trim() !== '').length).toBe(lines)
    }
    await bronze.verify()
    await bronze.release()

    const again = await registerExport((await planExports(join(layouts, name), { source: 'site' }))[0] ?? planned, { lakeDir })
    expect(again).toMatchObject({ unchanged: true, fingerprint: bronze.fingerprint, identity: bronze.identity, dir: bronze.dir })
    expect(counts(again)).toEqual(counts(bronze))

    const copies = await reopenExport(bronze.identity, { lakeDir })
    expect(counts(copies ?? again)).toEqual(counts(bronze))
    await copies?.stage()
    for (const { path } of copies?.types.flatMap((it) => it.files) ?? []) expect((await stat(path)).isFile()).toBe(true)
  })

  test('smart-fetch: two exports in order of time, a linked file is read once', async () => {
    const folder = join(dir, 'smart-fetch')
    await cp(join(layouts, 'smart-fetch'), folder, { recursive: true, mode: 0 })
    const links = JSON.parse(await readFile(join(folder, 'links.json'), 'utf8')) as Record<string, string>
    const { chmod } = await import('node:fs/promises')
    await chmod(folder, 0o755)
    for (const [name, target] of Object.entries(links)) await symlink(target, join(folder, name))
    const expected = JSON.parse(await readFile(join(folder, 'expected.json'), 'utf8')) as {
      groups: string[]
      transactionTimes: string[]
      lines: Record<string, Record<string, number>>
      deletes: Record<string, number>
    }
    const planned = await planExports(folder, { source: 'site' })
    expect(planned.map((it) => it.exportTime)).toEqual(expected.transactionTimes)
    expect(new Set(planned.map((it) => it.group))).toEqual(new Set(expected.groups))
    const lakeDir = await newLake()
    const [first, second] = [
      await registerExport(planned[0] as never, { lakeDir }),
      await registerExport(planned[1] as never, { lakeDir }),
    ]
    expect([counts(first), counts(second)]).toEqual(Object.values(expected.lines).map(sorted))
    expect([first.deletions, second.deletions]).toEqual([{}, expected.deletes])
    expect(second.types.map(({ type, kind, since }) => [type, kind, since])).toContainEqual([
      'Patient',
      'incremental',
      '2026-01-02T02:00:01.873Z',
    ])
  })

  test('two-logs is refused until it is told who it is', async () => {
    const folder = join(layouts, 'two-logs')
    await expect(planExports(folder, { source: 'site' })).rejects.toMatchObject({ exitCode: 2 })
    await expect(planExports(folder, { source: 'site', exportGroup: 'g' })).rejects.toMatchObject({ exitCode: 2 })
    const [told] = await planExports(folder, { source: 'site', exportGroup: 'g', exportTimestamp: '2026-01-02T02:00:01Z' })
    expect(told).toMatchObject({ tracked: true, group: 'g', exportTime: '2026-01-02T02:00:01Z' })
    const [untracked] = await planExports(folder, { source: 'site', untracked: true })
    expect(untracked).toMatchObject({ tracked: false, notices: [expect.stringContaining('expected.json')] })
    const lakeDir = await newLake()
    expect(counts(await registerExport(untracked as never, { lakeDir }))).toEqual({ Patient: 3 })
  })
})

describe.skipIf(!there)('exports of development', () => {
  test.each(['synthea-10', 'incremental-10/full', 'bcda-samples', 'smart-10-patients'])(
    '%s has the lines of its counts',
    async (name) => {
      const folder = join(data, name)
      const [planned] = await planExports(folder, { source: 'site' })
      const lakeDir = await newLake()
      const bronze = await registerExport(planned as never, { lakeDir })
      const { 'deleted/Bundle': _, ...expected } = JSON.parse(readFileSync(join(folder, 'counts.json'), 'utf8')) as Record<
        string,
        number
      >
      expect(counts(bronze)).toEqual(sorted(expected))
      expect(bronze.quarantine).toEqual([])
      const shapes = bronze.types.map((it) => Object.keys(it.shape.struct).length)
      expect(Math.min(...shapes)).toBeGreaterThan(1)
      for (const path of await readdir(bronze.dir, { recursive: true })) {
        const { mode } = await stat(join(bronze.dir, path))
        expect([path, (mode & 0o077).toString(8)]).toEqual([path, '0'])
      }
    },
  )
})
