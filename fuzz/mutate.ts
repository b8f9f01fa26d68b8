/** Deterministic changes of bytes and of JSON, half of them with the format in mind. */
import { pick, random } from '../drills/drill.ts'

export type Next = () => number

const interesting: readonly [string, ...string[]] = [
  ...['null', 'true', '""', '{}', '[]', '-0', '1e400', '0.1e-999', '9007199254740993', '-9223372036854775808', '1.0'],
  ...['"\\ud800"', '"\\u0000"', '"😀"', '\u2028', '\ufeff', '\r\n', '\n', '\t', ' ', ',', ':', '"', '\\', '{', '}', '[', ']'],
] as never

const values: readonly [unknown, ...unknown[]] = [
  ...[null, true, false, 0, -1, 1e308, 2 ** 53, -(2 ** 31), 0.5, '', 'x', '1', '../..', '%', '%zz', '\u0000', '😀', [], {}, [[]]],
  ...[
    'https://example.org/',
    'file:///etc',
    'http://[::1',
    '2026-02-30',
    '2026-01-01T00:00:00Z',
    'Patient',
    '__proto__',
    'a'.repeat(5000),
  ],
] as never

/** What a fuzzer starts from and writes into it. */
export interface Material {
  readonly seeds: readonly Buffer[]
  /** Words of the format. */
  readonly words?: readonly string[]
  /** Whether seeds are JSON texts, or lines of them: then values, not only bytes, are changed. */
  readonly json?: boolean
}

/** Gives an input by its number: the same seed and number give the same bytes. */
export function inputOf({ seeds, words = [], json = false }: Material, seed: number, number: number): Buffer {
  const next = random(seed * 7_919 + number)
  let bytes = seeds[Math.floor(next() * seeds.length)] ?? Buffer.alloc(0)
  if (json && next() < 0.6) bytes = changedJson(bytes, next)
  if (json && next() < 0.5) return bytes
  const changes = 1 + Math.floor(next() * next() * 12)
  for (let change = 0; change < changes; change++) bytes = changed({ bytes, next, words, seeds })
  return bytes.subarray(0, 1 << 20)
}

interface Change {
  readonly bytes: Buffer
  readonly next: Next
  readonly words: readonly string[]
  readonly seeds: readonly Buffer[]
}

function changed({ bytes, next, words, seeds }: Change): Buffer {
  const at = Math.floor(next() * (bytes.length + 1))
  const length = Math.floor(next() ** 3 * (bytes.length - at))
  const [head, tail, rest] = [bytes.subarray(0, at), bytes.subarray(at), bytes.subarray(at + length)]
  const flip = (change: (byte: number) => number): Buffer => {
    const copy = Buffer.from(bytes)
    if (at < copy.length) copy[at] = change(copy[at] ?? 0)
    return copy
  }
  const other = (): Buffer => {
    const seed = seeds[Math.floor(next() * seeds.length)] ?? bytes
    return seed.subarray(Math.floor(next() * seed.length))
  }
  return pick<() => Buffer>(next, [
    () => flip((byte) => byte ^ (1 << Math.floor(next() * 8))),
    () => flip(() => Math.floor(next() * 256)),
    () => flip(() => pick(next, [0, 0x7f, 0x80, 0xff, 0x0a, 0x22, 0x5c] as const)),
    () => Buffer.concat([head, rest]),
    () => Buffer.concat([head, bytes.subarray(at, at + length), tail]),
    () => head,
    () => Buffer.concat([head, other()]),
    () => Buffer.concat([head, Buffer.from(pick(next, interesting)), rest]),
    () => Buffer.concat([head, Buffer.from(words[Math.floor(next() * words.length)] ?? pick(next, interesting)), tail]),
    () =>
      Buffer.concat([
        head,
        Buffer.from(pick(next, ['[', '(', '{"a":', '"', '-', 'a.', '\n'] as const).repeat(Math.floor(next() ** 4 * 20_000))),
        tail,
      ]),
  ])()
}

/** One value anywhere in a JSON text is replaced, dropped, doubled or wrapped. Of several lines each is a text. */
function changedJson(bytes: Buffer, next: Next): Buffer {
  const lines = bytes.toString('utf8').split('\n')
  const index = Math.floor(next() * lines.length)
  try {
    lines[index] = JSON.stringify(changedValue(JSON.parse(lines[index] ?? ''), next))
  } catch {
    try {
      return Buffer.from(JSON.stringify(changedValue(JSON.parse(bytes.toString('utf8')), next)))
    } catch {
      return bytes
    }
  }
  return Buffer.from(lines.join('\n'))
}

function changedValue(value: unknown, next: Next): unknown {
  const inner = typeof value === 'object' && value !== null && Object.keys(value).length > 0
  if (!inner || next() < 0.15) return pick(next, [pick(next, values), [value], { a: value }, [value, value]])
  const entries = Object.entries(value)
  const at = Math.floor(next() * entries.length)
  const changedEntries = entries.flatMap(([key, each], index): [string, unknown][] => {
    if (index !== at) return [[key, each]]
    const chance = next()
    if (chance < 0.1) return []
    if (chance < 0.15) return [[`${key}x`, each]]
    return [[key, changedValue(each, next)]]
  })
  return Array.isArray(value) ? changedEntries.map(([, each]) => each) : Object.fromEntries(changedEntries)
}
