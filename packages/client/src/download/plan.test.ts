import fc from 'fast-check'
import { expect, test } from 'vitest'
import { FileNamer, safeType } from '../folder/names.ts'
import type { FileState } from '../folder/state.ts'
import { parseManifest } from '../job/manifest.ts'
import type { ManifestItem, OutputManifest } from '../types.ts'
import { planPage } from './plan.ts'

const item = (name: string, type: string | null = 'Patient', itemType: ManifestItem['itemType'] = 'output'): ManifestItem => ({
  itemType,
  type,
  url: `https://e.org/${name}`,
  count: null,
  fileSize: null,
})

const manifest = (items: ManifestItem[], more: Partial<OutputManifest> = {}): OutputManifest => ({
  transactionTime: '2026-01-01T00:00:00Z',
  requiresAccessToken: true,
  request: null,
  outputOrganizedBy: null,
  next: null,
  items,
  ...more,
})

const plan = (known: readonly FileState[], page: number, items: ManifestItem[]) =>
  planPage({ known, page, manifest: manifest(items), compress: 'none' })

test('a page read again with fresh links has no new files, and its links are the fresh ones', () => {
  const first = plan([], 0, [item('a?sig=1'), item('b?sig=1')])
  const again = plan(first.files, 0, [item('a?sig=2'), item('b?sig=2')])
  expect(again.added).toEqual([])
  expect([...again.sources.values()].map(({ url }) => url)).toEqual(['https://e.org/a?sig=2', 'https://e.org/b?sig=2'])
})

test('links that change their path are known again by their place', () => {
  const first = plan([], 0, [item('x1'), item('x2')])
  expect(plan(first.files, 0, [item('y1'), item('y2')]).added).toEqual([])
})

const counted = (name: string, count: number | null, type = 'Patient'): ManifestItem => ({ ...item(name, type), count })
const landed = (file: FileState, lines: number): FileState => ({
  ...file,
  done: { bytes: 1, lines, sha256: '', contentBytes: 1, contentSha256: null },
})

test.each([
  ['other counts', [61, 101], [60, 100]],
  ['counts where there were none', [null, null], [60, 100]],
  ['no counts any more', [60, 100], [null, null]],
  ['one count that is right already', [60, 101], [60, 100]],
])('fresh links with other paths and %s are known again by their place', (_, before, after) => {
  const first = plan(
    [],
    0,
    before.map((count, index) => counted(`x${index}`, count)),
  )
  const again = plan(
    first.files,
    0,
    after.map((count, index) => counted(`y${index}`, count)),
  )
  expect(again.added).toEqual([])
  expect([...again.sources.entries()].map(([key, { url }]) => [key, url])).toEqual([
    ['0/output/0', 'https://e.org/y0'],
    ['0/output/1', 'https://e.org/y1'],
  ])
  for (const [file, count] of again.recounted) file.count = count
  expect(first.files.map(({ count }) => count)).toEqual(after.map((count, index) => count ?? before[index]))
})

test('fresh links in another order are known again by type and count', () => {
  const { files } = plan([], 0, [counted('x0', 60), counted('x1', 100), counted('x2', 7, 'Group')])
  const again = plan(files, 0, [counted('y2', 7, 'Group'), counted('y1', 100), counted('y0', 60)])
  expect(again.added).toEqual([])
  expect([...again.sources.keys()]).toEqual(['0/output/2', '0/output/1', '0/output/0'])
})

test('a file on disk with other lines than an item of its place is that item only when no other can be', () => {
  const [one, two] = plan([], 0, [counted('x0', 60), counted('x1', 100)]).files
  if (one === undefined || two === undefined) throw new Error('two files were planned')
  const known = [landed(one, 60), landed(two, 100)]
  const corrected = plan(known, 0, [counted('y0', 61), counted('y1', 100)])
  expect([corrected.added, corrected.recounted.size]).toEqual([[], 0])
  const grown = plan(known, 0, [counted('new', 5), counted('y0', 60), counted('y1', 100)])
  expect(grown.added.map(({ count }) => count)).toEqual([5])
})

test('a count that is given anew for what is on disk is taken when it is that of the disk', () => {
  const [file] = plan([], 0, [counted('a', 61)]).files
  if (file === undefined) throw new Error('a file was planned')
  expect([...plan([landed(file, 60)], 0, [counted('a', 60)]).recounted.values()]).toEqual([60])
  expect([...plan([landed(file, 60)], 0, [counted('a', 59)]).recounted.values()]).toEqual([])
})

test('a list that grew at its front or its end adds the new files only', () => {
  const first = plan([], 0, [item('a'), item('b')])
  const grown = plan(first.files, 0, [item('new'), item('a'), item('b'), item('last')])
  expect(grown.added.map(({ path }) => path)).toEqual(['Patient.002.ndjson', 'Patient.003.ndjson'])
  const sourceOf = (path: string): string | undefined =>
    grown.sources.get(grown.files.find((file) => file.path === path)?.key ?? '')?.url
  expect(sourceOf('Patient.000.ndjson')).toBe('https://e.org/a')
  expect(sourceOf('Patient.002.ndjson')).toBe('https://e.org/new')
})

test('whatever pages come and come again, paths and keys are unique and every item has a source', () => {
  const name = fc.constantFrom('a', 'b', 'c', 'a?x=1', 'a?x=2')
  const type = fc.constantFrom('Patient', 'PATIENT', 'Observation', '../x', null)
  const kind = fc.constantFrom<ManifestItem['itemType']>('output', 'deleted', 'error')
  const page = fc.tuple(fc.nat(2), fc.array(fc.tuple(name, type, kind), { maxLength: 6 }))
  fc.assert(
    fc.property(fc.array(page, { maxLength: 6 }), (pages) => {
      let known: readonly FileState[] = []
      for (const [number, items] of pages) {
        const { files, sources } = plan(
          known,
          number,
          items.map(([of, as, itemType]) => item(of, as, itemType)),
        )
        expect(sources.size).toBe(items.length)
        known = files
      }
      expect(new Set(known.map(({ key }) => key)).size).toBe(known.length)
      expect(new Set(known.map(({ path }) => path.toLowerCase())).size).toBe(known.length)
      for (const { path } of known) expect(path).toMatch(/^(deleted\/Bundle|error\/OperationOutcome|[A-Za-z]+)\.\d{3}\.ndjson$/)
    }),
  )
})

test('organised output has no types', () => {
  const { files } = planPage({
    known: [],
    page: 0,
    manifest: manifest([item('a', null)], { outputOrganizedBy: 'Patient' }),
    compress: 'zstd',
  })
  expect(files.map(({ path, type }) => [path, type])).toEqual([['Resources.000.ndjson.zst', 'Resources']])
})

test('names go on after those of an earlier run, beyond a thousand too', () => {
  const namer = new FileNamer(['Patient.999.ndjson', 'deleted/Bundle.000.ndjson.gz'])
  expect(namer.name('output', 'Patient', 'none')).toBe('Patient.1000.ndjson')
  expect(namer.name('deleted', 'Bundle', 'gzip')).toBe('deleted/Bundle.001.ndjson.gz')
})

test.each(['', 'patient', '../x', 'CON', 'Nul', 'A b', `A${'b'.repeat(64)}`, null, 1, 'Pätient'])(
  '%j is no type for a file name',
  (type) => {
    expect(safeType(type)).toBeUndefined()
  },
)

test('manifests of v1 to v4 come to one shape (C-37 to C-39)', () => {
  const v4 = {
    transactionTime: '2026-01-01T00:00:00Z',
    requiresAccessToken: 'false',
    output: [{ type: 'Patient', url: 'files/1', count: '3', fileSize: 99, extension: [{ url: 'x' }] }],
    deleted: [{ url: 'https://f/2' }],
    error: [{ type: 'OperationOutcome', url: 'https://f/3' }],
    outcome: [{ url: 'https://f/3' }, { url: 'https://f/4' }],
    extension: [],
    link: [
      { relation: 'self', url: 'x' },
      { relation: 'next', url: '/p2' },
    ],
    unknown: {},
  }
  const parsed = parseManifest(JSON.stringify(v4), 'https://e.org/fhir/')
  expect(parsed).toMatchObject({ requiresAccessToken: false, request: null, next: 'https://e.org/p2' })
  expect(parsed.items.map(({ itemType, url, count, fileSize }) => [itemType, url, count, fileSize])).toEqual([
    ['output', 'https://e.org/fhir/files/1', 3, 99],
    ['deleted', 'https://f/2', null, null],
    ['error', 'https://f/3', null, null],
    ['error', 'https://f/4', null, null],
  ])
  expect(parseManifest('{"transactionTime":"2026-01-01T00:00:00Z","output":null,"count":-1}', 'https://e/').items).toEqual([])
})

test.each(['-1', '1.5', '"x"', 'null', '1e400', '{}'])('a count of %s is none', (count) => {
  const text = `{"transactionTime":"2026-01-01T00:00:00Z","output":[{"type":"A","url":"https://e/","count":${count}}]}`
  expect(parseManifest(text, 'https://e/').items[0]?.count).toBeNull()
})
