import { expect, test } from 'vitest'
import { allowedAddress } from './allow.ts'

test.each<[string, string, boolean]>([
  ['https://files.example.org/out/a.ndjson', 'https://files.example.org/out', true],
  ['https://files.example.org/out/a.ndjson', 'https://files.example.org/out/', true],
  ['https://files.example.org:443/out/a', 'https://files.example.org/out', true],
  ['https://files.example.org/outside/a', 'https://files.example.org/out', false],
  ['https://files.example.org/out/../a', 'https://files.example.org/out', false],
  ['https://files.example.org/out/%2e%2e/a', 'https://files.example.org/out', false],
  ['https://files.example.org/out/..%2fa', 'https://files.example.org/out', false],
  ['https://files.example.org:8443/out/a', 'https://files.example.org/out', false],
  ['http://files.example.org/out/a', 'https://files.example.org/out', false],
  ['http://files.example.org/out/a', 'http://files.example.org/out', true],
  ['https://files.example.org.evil.org/out/a', 'https://files.example.org', false],
  ['https://files.example.org@evil.org/out/a', 'https://files.example.org', false],
  ['https://user:pw@files.example.org/out/a', 'https://files.example.org', false],
  ['ftp://files.example.org/a', 'ftp://files.example.org/', false],
  ['file:///etc/passwd', 'file:///', false],
])('I-9: %s under %s: %s', (url, prefix, expected) => {
  expect(allowedAddress(url, [prefix]) !== undefined).toBe(expected)
})

test.each<[string, boolean]>([
  ['http://127.0.0.1:9999/', true],
  ['http://localhost:9999/', true],
  ['http://[::1]:9999/', true],
  ['https://files.example.org/', false],
])('I-9: only an address that was named as such is trusted: %s', (prefix, trusted) => {
  expect(allowedAddress(`${prefix}x`, [prefix])?.trusted).toBe(trusted)
})
