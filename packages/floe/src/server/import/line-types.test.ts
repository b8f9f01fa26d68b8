import { LineCounter } from '@floe/client/ndjson'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineTypes } from './line-types.ts'

function told(text: string | Buffer, pieces = 1): ReturnType<LineTypes['end']> {
  const bytes = Buffer.from(text)
  const size = Math.max(1, Math.ceil(bytes.length / pieces))
  const lines = new LineTypes()
  for (let at = 0; at < bytes.length; at += size) lines.push(bytes.subarray(at, at + size))
  return lines.end()
}
const line = (type: string): string => `{"resourceType":"${type}","id":"1"}`

test.each<[string, string, ReturnType<LineTypes['end']>]>([
  ['one type', `${line('Patient')}\n${line('Patient')}\n`, { lines: 2, types: ['Patient'], unclear: false }],
  ['two types', `${line('Patient')}\n${line('Condition')}`, { lines: 2, types: ['Patient', 'Condition'], unclear: false }],
  [
    'a type that begins like another',
    `${line('Medication')}\n${line('MedicationRequest')}\n`,
    { lines: 2, types: ['Medication', 'MedicationRequest'], unclear: false },
  ],
  ['blank lines', ` \n\r\n\n${line('Patient')}\r\n\t`, { lines: 1, types: ['Patient'], unclear: false }],
  ['another order', `${line('Patient')}\n{"id":"1","resourceType":"Patient"}`, { lines: 2, types: ['Patient'], unclear: true }],
  ['spaces', `{ "resourceType" : "Patient" }`, { lines: 1, types: [], unclear: true }],
  ['an escape', `{"resourceType":"Pati\\u0065nt"}`, { lines: 1, types: [], unclear: true }],
  ['no JSON', `{"resourceType":"Patient`, { lines: 1, types: [], unclear: true }],
  ['nothing', '', { lines: 0, types: [], unclear: false }],
])('%s', (_, text, expected) => {
  expect([told(text), told(text, 7), told(text, 1000)]).toEqual([expected, expected, expected])
})

test('lines are counted as the loader counts them', () => {
  const parts = fc.array(fc.constantFrom('\n', '\r', ' ', '\t', 'x', '\ufeff', line('Patient')), { maxLength: 30 })
  fc.assert(
    fc.property(parts, (list) => {
      const text = Buffer.from(list.join(''))
      const counter = new LineCounter()
      counter.push(text)
      expect(told(text).lines).toBe(counter.lines)
    }),
  )
})
