import { expect, test } from 'vitest'
import { DiskSpace } from '../download/disk-space.ts'
import { fakeTiming, tempBench } from '../test-run.suite.ts'
import { Hosts, RateLimit } from './hosts.ts'
import { Slots } from './slots.ts'

const origin = 'https://files.example.org'

test('a host that fails five times in a row gets a rest that doubles; one success ends it', async () => {
  const timing = fakeTiming()
  const hosts = new Hosts(timing)
  const fail = async (times: number): Promise<number> => {
    for (let n = 0; n < times; n += 1) hosts.failed(origin, null)
    const before = timing.now()
    await hosts.ready(origin, undefined)
    return timing.now() - before
  }
  expect([await fail(4), await fail(1), await fail(5), await fail(5)]).toEqual([0, 5000, 10_000, 20_000])
  await hosts.ready('https://other.example.org', undefined)
  hosts.succeeded(origin)
  expect(await fail(4)).toBe(0)
})

test('what a host asks for holds for all slots', async () => {
  const timing = fakeTiming()
  const hosts = new Hosts(timing)
  hosts.failed(origin, 30_000)
  await hosts.ready(origin, undefined)
  hosts.failed(origin, 7_200_000)
  await hosts.ready(origin, undefined)
  expect(timing.waits).toEqual([30_000, 300_000])
})

test('a rate holds over all downloads together', async () => {
  const timing = fakeTiming()
  const limit = new RateLimit(1_000_000, timing)
  const started = timing.now()
  for (let n = 0; n < 100; n += 1) await limit.take(65_536, undefined)
  const seconds = (timing.now() - started) / 1000
  expect(seconds).toBeGreaterThan(6.4)
  expect(seconds).toBeLessThan(6.6)
})

test('slots run so many at once, in order, and go on after a failure', async () => {
  const slots = new Slots(2)
  const order: number[] = []
  let running = 0
  const all = await Promise.allSettled(
    [0, 1, 2, 3, 4].map((n) =>
      slots.run(async () => {
        running += 1
        expect(running).toBeLessThanOrEqual(2)
        order.push(n)
        await new Promise((resolve) => setImmediate(resolve))
        running -= 1
        if (n === 1) throw new Error('one')
      }),
    ),
  )
  expect(order).toEqual([0, 1, 2, 3, 4])
  expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'])
})

test('a disk without room stops before it is full', async () => {
  await using bench = await tempBench()
  const space = new DiskSpace({ folder: bench.root, reserve: 0, timing: fakeTiming() })
  await space.ensure(1)
  await expect(space.ensure(2 ** 60)).rejects.toMatchObject({ code: 'download-failed', exitCode: 6, retryable: true })
  const reserved = new DiskSpace({ folder: bench.root, reserve: 2 ** 60, timing: fakeTiming() })
  await expect(reserved.ensure(0)).rejects.toMatchObject({ code: 'download-failed' })
})
