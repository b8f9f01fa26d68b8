import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { patient, testServer } from './fixture.suite.ts'

test('readers that stand still hold no memory and nobody up, and are cut; a Range goes on', async () => {
  await using server = await testServer({ patience: { head: 10_000, body: 10_000, idle: 200 } })
  // More than the system keeps for a connection (tcp_rmem and tcp_wmem: up to 38 MB).
  const text = 'x'.repeat(900_000)
  const people = Array.from({ length: 60 }, (_, n) =>
    patient(`p${n}`, { text: { status: 'generated', div: `<div>${n}${text}</div>` } }),
  )
  await server.load('one', '2026-01-01T00:00:00Z', people)
  const token = await server.token(await server.client('c', 'system/*.rs'))
  const [file] = (await server.export('/fhir/$export', token)).output
  const { hostname, port, pathname, host } = new URL(file?.url ?? '')
  const whole = await (await server.get(file?.url ?? '', token)).arrayBuffer()
  const before = process.memoryUsage().arrayBuffers
  const readers = await Promise.all(
    Array.from({ length: 6 }, async (): Promise<Socket> => {
      const socket = connect(Number(port), hostname)
      socket.on('error', () => undefined)
      await once(socket, 'connect')
      socket.write(`GET ${pathname} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${token}\r\n\r\n`)
      await once(socket, 'readable')
      return socket
    }),
  )
  // All of the file for one of them would be 54 MB.
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000)
  expect((await (await server.get(file?.url ?? '', token)).arrayBuffer()).byteLength).toBe(whole.byteLength)
  await sleep(1500)
  for (const socket of readers) {
    let bytes = 0
    socket.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    if (!socket.closed) await once(socket, 'close')
    expect(bytes).toBeLessThan(whole.byteLength)
  }
  const rest = await server.get(file?.url ?? '', token, { range: `bytes=${whole.byteLength - 10}-` })
  expect([rest.status, (await rest.arrayBuffer()).byteLength]).toEqual([206, 10])
})
