import { createHash, randomBytes } from 'node:crypto'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { discard, Http, readBytes } from './http.ts'

const content = randomBytes(6 << 20)
const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')

async function serve(
  answer: (response: ServerResponse) => void,
): Promise<{ url: string; connections(): number } & AsyncDisposable> {
  let connections = 0
  const server = createServer((_request, response) => answer(response))
  server.on('connection', () => {
    connections += 1
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    connections: () => connections,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const client = (): Http => new Http({ trustedOrigins: new Set(), userAgent: 'test' })
const ask = (url: string) => ({ url, token: false, idleTimeoutMs: 5000 })

/** The memory of pieces is used again: what a taker copies must be right however it pauses, with several bodies at a time. */
test.each<[string, (response: ServerResponse) => void]>([
  [
    'with a length',
    (response) => {
      response.writeHead(200, { 'content-length': content.length })
      response.end(content)
    },
  ],
  [
    'in chunks of many sizes',
    (response) => {
      for (let from = 0, size = 100; from < content.length; from += size, size = (size * 7) % 150_001) {
        response.write(content.subarray(from, from + size))
      }
      response.end()
    },
  ],
  [
    'to the end of the connection',
    (response) => {
      response.writeHead(200, { connection: 'close' })
      response.useChunkedEncodingByDefault = false
      response.end(content)
    },
  ],
])('a body %s arrives whole, whether its taker waits or not', async (_name, answer) => {
  await using server = await serve(answer)
  await using http = client()
  const bodies = await Promise.all(
    [0, 1, 3, 50].map(async (every) => {
      const response = await http.send(ask(server.url))
      const pieces: Buffer[] = []
      await response.body.each((chunk) => {
        pieces.push(Buffer.from(chunk))
        return every > 0 && pieces.length % every === 0 ? sleep(every === 50 ? 5 : 0) : undefined
      })
      return sha(Buffer.concat(pieces))
    }),
  )
  expect(bodies).toEqual(Array(4).fill(sha(content)))
})

test('a taker that fails ends the body with its failure, and the connection', async () => {
  await using server = await serve((response) => response.end(content))
  await using http = client()
  for (const fail of [() => Promise.reject(new Error('disk')), () => void expect.fail('disk')]) {
    const { body } = await http.send(ask(server.url))
    await expect(body.each(fail)).rejects.toThrow('disk')
  }
  expect(server.connections()).toBe(2)
})

test('a short body that is not wanted leaves its connection to the next request; a long one is not waited for', async () => {
  let body = content.subarray(0, 1000)
  await using server = await serve((response) => response.end(body))
  await using http = client()
  for (let nth = 0; nth < 6; nth += 1) await discard(await http.send(ask(server.url)))
  expect(server.connections()).toBeLessThan(6)
  body = content
  await discard(await http.send(ask(server.url)))
  expect((await readBytes(await http.send(ask(server.url)), 5000, undefined)).length).toBe(5000)
})

test('a signal ends a request before its answer and a body in its middle', async () => {
  await using server = await serve((response) => {
    response.writeHead(200, { 'content-length': content.length })
    response.write(content.subarray(0, 100_000))
  })
  await using http = client()
  const stop = new AbortController()
  const { body } = await http.send({ ...ask(server.url), signal: stop.signal })
  await expect(body.each(() => void stop.abort())).rejects.toThrow('the body failed')
  await expect(http.send({ ...ask(server.url), signal: stop.signal })).rejects.toMatchObject({ code: 'interrupted' })
})
