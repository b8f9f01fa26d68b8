import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Redactor } from './redact.ts'

test.each([
  ['plain words', 'no such Group', 'no such Group'],
  ['an address', 'see https://e.org/a/b?sig=123 now', 'see https://e.org/… now'],
  ['a bearer', 'sent Bearer abc.def-ghi123', 'sent Bearer [removed]'],
  ['a JWT', 'got eyJhbGciOiJ.eyJpc3MiOiJ.c2lnbmF0dXJl', 'got [removed]'],
  ['a query', 'at x?access_token=abc123&y=1', 'at x?access_token=abc123&y=1'.replace('token=abc123', 'token=[removed]')],
  ['a key in JSON', 'body {"client_secret": "abcdef", "a": 1}', 'body {"client_secret": "[removed]", "a": 1}'],
  ['control characters', 'a\u001b[31mb\u0000\r\nc\u202ed', 'a [31mb c d'],
  ['HTML', '  <!DOCTYPE html><p>x', null],
  ['nothing', ' \n ', null],
])('%s', (_, text, expected) => {
  expect(new Redactor().clean(text)).toBe(expected)
})

test('no text of a server is longer than 300 characters, spans lines or shows a known secret', () => {
  const redactor = new Redactor()
  redactor.add('planted-secret-1')
  redactor.add('short')
  fc.assert(
    fc.property(fc.string(), fc.string({ minLength: 200, maxLength: 400, unit: 'grapheme' }), (before, after) => {
      const cleaned = redactor.clean(`${before} planted-secret-1 ${after}`) ?? ''
      expect(cleaned.length).toBeLessThanOrEqual(300)
      expect(cleaned).not.toContain('planted-secret-1')
      expect(cleaned).not.toMatch(/\p{Cc}/u)
    }),
  )
})

test("a file's address keeps origin and path only, without the job's id", () => {
  const redactor = new Redactor()
  redactor.add('job-8f31c2')
  expect(redactor.fileUrl('https://user:pw@e.org/files/job-8f31c2/1?sig=1#x')).toBe('https://e.org/files/[removed]/1')
  expect(redactor.fileUrl('nonsense')).toBe('[not a URL]')
})
