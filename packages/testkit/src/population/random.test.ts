import { describe, expect, test } from 'vitest'
import { Random, weighted } from './random.ts'
import { npi } from './world.ts'

describe('random', () => {
  test('repeats itself for a seed, and differs for another', () => {
    const draw = (random: Random): number[] => Array.from({ length: 8 }, () => random.bits())
    expect(draw(new Random(7))).toEqual(draw(new Random(7)))
    expect(draw(new Random(7))).not.toEqual(draw(new Random(8)))
    expect(draw(new Random(7, 1))).not.toEqual(draw(new Random(7, 2)))
  })

  test('forks are fixed by the seed, not by what was drawn', () => {
    const random = new Random(3)
    const before = random.fork(5).uuid()
    random.bits()
    expect(random.fork(5).uuid()).toBe(before)
  })

  test('gives ids in the form of a version 4 UUID, all different', () => {
    const random = new Random(1)
    const ids = Array.from({ length: 20_000 }, () => random.uuid())
    expect(ids.every((id) => /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-a[\da-f]{3}-[\da-f]{12}$/.test(id))).toBe(true)
    expect(new Set(ids).size).toBe(ids.length)
  })

  test('draws evenly, by weight, and around the mean', () => {
    const random = new Random(2)
    const many = Array.from({ length: 20_000 }, () => random.next())
    const drawn = Array.from({ length: 20_000 }, () =>
      random.draw(
        weighted([
          ['a', 1],
          ['b', 3],
        ] as const),
      ),
    )
    const normal = Array.from({ length: 20_000 }, () => random.normal(10, 2))
    const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(many)).toBeCloseTo(0.5, 1)
    expect(drawn.filter((value) => value === 'b').length / drawn.length).toBeCloseTo(0.75, 1)
    expect(mean(normal)).toBeCloseTo(10, 0)
    expect(Math.sqrt(mean(normal.map((value) => (value - 10) ** 2)))).toBeCloseTo(2, 0)
  })
})

test.each([
  [23456789, '1234567893'],
  [0, '1000000004'],
])('an NPI ends in its check digit', (serial, number) => {
  expect(npi(serial)).toBe(number)
})
