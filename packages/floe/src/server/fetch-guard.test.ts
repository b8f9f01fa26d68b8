import { expect, test } from 'vitest'
import { guardedGet, isPublicAddress, type Resolve } from './fetch-guard.ts'

test.each([
  ['8.8.8.8', true],
  ['2606:4700::1111', true],
  ['127.0.0.1', false],
  ['0.0.0.0', false],
  ['10.1.2.3', false],
  ['172.31.0.1', false],
  ['192.168.1.1', false],
  ['169.254.169.254', false],
  ['100.64.0.1', false],
  ['224.0.0.1', false],
  ['255.255.255.255', false],
  ['::1', false],
  ['::', false],
  ['::ffff:127.0.0.1', false],
  ['::ffff:8.8.8.8', false],
  ['64:ff9b::7f00:1', false],
  ['2002:7f00:1::', false],
  ['2001:0:7f00:1::', false],
  ['fe80::1', false],
  ['fd00::1', false],
  ['ff02::1', false],
])('%s is public: %s', (address, expected) => {
  expect(isPublicAddress(address)).toBe(expected)
})

test.each([
  'http://127.0.0.1:1/',
  'http://[::1]:1/',
  'http://[::ffff:7f00:1]:1/',
  'http://0x7f.1:1/',
  'http://2130706433:1/',
  'http://localhost:1/',
  'https://user:secret@8.8.8.8/',
])('nothing is sent to %s', async (url) => {
  await expect(guardedGet({ url: new URL(url), trusted: false, timeoutMs: 100 })).rejects.toMatchObject({ name: 'GuardError' })
})

test('a name that leads to this machine is refused where it is resolved', async () => {
  // Resolved by the hosts file on every machine, and not called localhost.
  const { hostname } = await import('node:os')
  const request = guardedGet({ url: new URL(`http://${hostname()}:1/`), trusted: false, timeoutMs: 1000 })
  await expect(request).rejects.toThrow()
})

/** A name server that gives one list of addresses after the other. */
function names(...answers: string[][]): { resolve: Resolve; asked: () => number } {
  let asked = 0
  const resolve: Resolve = (_, __, callback) => {
    const list = answers[Math.min(asked++, answers.length - 1)] ?? []
    callback(
      null,
      list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    )
  }
  return { resolve, asked: () => asked }
}

test.each([
  ['to this machine', ['127.0.0.1']],
  ['to a public and an inner address', ['8.8.8.8', '10.0.0.1']],
  ['to an IPv4 address in IPv6', ['::ffff:127.0.0.1']],
  ['to the cloud’s metadata', ['169.254.169.254']],
])('DNS rebinding: a name that leads %s is not asked', async (_, addresses) => {
  const { resolve, asked } = names(addresses)
  const request = guardedGet({ url: new URL('http://rebind.example.org:1/'), trusted: false, timeoutMs: 500, resolve })
  await expect(request).rejects.toMatchObject({ name: 'GuardError' })
  expect(asked()).toBe(1)
})
