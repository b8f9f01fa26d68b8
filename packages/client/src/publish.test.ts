import { expect, test } from 'vitest'
import { type FakeServer, send, sendJson, startFake } from './bulk-server.suite.ts'
import { BulkClient } from './client.ts'
import { cadence, type PublishedEvent } from './publish.ts'
import { fakeTiming, tempBench } from './test-run.suite.ts'

interface Published {
  pages: Record<string, { next?: string; body?: object; etag?: string; status?: number }>
}

/** A data set in pages that a test can change while it is followed. */
async function publisher(published: Published): Promise<FakeServer> {
  return await startFake({
    other: ({ path, headers }, response) => {
      const page = published.pages[path.replace('/fhir/', '')]
      if (page === undefined) return send(response, 404)
      if (page.status !== undefined) {
        const { status } = page
        delete page.status
        return send(response, status)
      }
      const etag = page.etag ?? '"1"'
      if (headers['if-none-match'] === etag) return send(response, 304)
      const link = page.next === undefined ? {} : { link: [{ relation: 'next', url: page.next }] }
      const body = {
        transactionTime: '2026-11-21T02:00:00Z',
        requiresAccessToken: false,
        output: [{ url: `${path}/a` }],
        deleted: [{ url: `${path}/b` }],
      }
      sendJson(response, 200, { ...body, ...link, updateCadence: 'PT2H', ...page.body }, { etag })
    },
  })
}

/** Follows until so many events have come; `onEvent` may change what is published. */
async function follow(
  server: FakeServer,
  count: number,
  onEvent: (event: PublishedEvent, index: number) => void = () => {},
  options = {},
) {
  const timing = fakeTiming()
  const events: string[] = []
  for await (const event of new BulkClient({ fhirUrl: server.fhirUrl }, timing).published(
    `${server.fhirUrl}/$bulk-publish`,
    options,
  )) {
    onEvent(event, events.length)
    events.push(event.kind === 'page' ? `page ${event.url.split('/').at(-1)}` : event.kind)
    if (events.length === count) break
  }
  return { events, waits: timing.waits, server }
}

test('C-59: pages are taken one by one, their files output first, then deleted', async () => {
  await using server = await publisher({ pages: { '$bulk-publish': { next: 'p2' }, p2: {} } })
  const items: string[] = []
  const { events } = await follow(server, 4, (event) => {
    if (event.kind === 'page')
      items.push(...event.manifest.items.map(({ itemType, url }) => `${itemType} ${new URL(url).pathname}`))
  })
  expect(events).toEqual(['begin', 'page $bulk-publish', 'page p2', 'whole'])
  expect(items).toEqual([
    'output /fhir/$bulk-publish/a',
    'deleted /fhir/$bulk-publish/b',
    'output /fhir/p2/a',
    'deleted /fhir/p2/b',
  ])
  await expect(new BulkClient({ fhirUrl: server.fhirUrl }).published(`${server.fhirUrl}/other`).next()).rejects.toMatchObject({
    code: 'usage',
  })
})

test('C-60: a later look sends the last ETag and takes 304 for an answer', async () => {
  const published: Published = { pages: { '$bulk-publish': {} } }
  await using server = await publisher(published)
  const { events } = await follow(server, 5, (event, index) => {
    if (event.kind === 'whole' && index === 2)
      setTimeout(() => Object.assign(published.pages['$bulk-publish'] ?? {}, { etag: '"2"' }), 50)
  })
  expect(events).toEqual(['begin', 'page $bulk-publish', 'whole', 'begin', 'page $bulk-publish'])
  expect(server.seen.slice(1).every(({ headers }) => headers['if-none-match'] === '"1"')).toBe(true)
  expect(server.seen.length).toBeGreaterThan(2)
  expect((await follow(server, 1, undefined, { etag: '"2"' })).events).toEqual(['whole'])
})

test('C-61: #pending means to look at the last page again, #closed to begin anew at the root', async () => {
  const published: Published = { pages: { '$bulk-publish': { next: 'p2' }, p2: { next: '#pending' }, p3: { next: '#closed' } } }
  await using server = await publisher(published)
  const { events } = await follow(server, 8, (event) => {
    if (event.kind !== 'pending') return
    published.pages.p2 = { next: 'p3', etag: '"2"' }
    published.pages['$bulk-publish'] = { etag: '"9"' }
  })
  expect(events).toEqual(['begin', 'page $bulk-publish', 'page p2', 'pending', 'page p3', 'begin', 'page $bulk-publish', 'whole'])
})

test('C-62: the interval is that of updateCadence, else what was asked for; trouble is waited for within it', async () => {
  const published: Published = { pages: { '$bulk-publish': { status: 503 } } }
  await using server = await publisher(published)
  const told: number[] = []
  const note = (event: PublishedEvent) => void (event.kind === 'whole' ? told.push(event.nextLookMs) : 0)
  const { waits } = await follow(server, 3, note)
  published.pages['$bulk-publish'] = { body: { updateCadence: 'often' } }
  await follow(server, 3, note, { everyMs: 90_000 })
  expect(told).toEqual([7_200_000, 90_000])
  expect(waits).toHaveLength(1)
  expect(waits[0]).toBeLessThan(10_000)
  expect(['PT1H', 'P1D', 'P1W', 'PT5S', 'P', 'x', 7].map(cadence)).toEqual([
    3_600_000,
    86_400_000,
    604_800_000,
    60_000,
    null,
    null,
    null,
  ])
})

test('C-63: files of a page are fetched without a token where it says so, gzip is accepted', async () => {
  await using bench = await tempBench()
  await using server = await publisher({ pages: { '$bulk-publish': {} } })
  server.options.files = [{ body: '{"resourceType":"Patient","id":"1"}\n' }]
  process.env.FLOE_TEST_TOKEN = 'a-token-of-the-test'
  const { bearerToken } = await import('./auth/auth.ts')
  const client = new BulkClient({ fhirUrl: server.fhirUrl, auth: bearerToken('env:FLOE_TEST_TOKEN') }, fakeTiming())
  const item = { itemType: 'output' as const, type: 'Patient', url: `${server.origin}/files/0`, count: null, fileSize: null }
  await client.download(item, { to: `${bench.root}/Patient.ndjson`, requiresAccessToken: false })
  const asked = server.seen.find(({ path }) => path === '/files/0')
  expect([asked?.authorization, asked?.headers['accept-encoding']]).toEqual([null, 'gzip'])
})
