import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LineFile, type LineFileOptions, type LineReport } from './lines.ts'
import { LineScanner } from './scanner.ts'

const scanner = new LineScanner()

function read(content: string | Buffer, options: LineFileOptions = {}, chunk = Number.POSITIVE_INFINITY): LineReport {
  const bytes = Buffer.from(content as string)
  const file = new LineFile(scanner, options)
  for (let at = 0; at < bytes.length; at += chunk) file.push(bytes.subarray(at, at + chunk))
  return file.end()
}

const reasons = (content: string | Buffer, options: LineFileOptions = { type: 'Patient' }): (string | number)[][] =>
  read(content, options).refused.map(({ line, reason }) => [line, reason])

const patient = (rest = ''): string => `{"resourceType":"Patient","id":"a"${rest}}`
const nested = (depth: number): string => `{"resourceType":"Patient","id":"a","x":${'['.repeat(depth)}1${']'.repeat(depth)}}`

describe('refused lines', () => {
  const cases: [name: string, line: string | Buffer, reason: string][] = [
    ['no JSON at all', 'hello', 'json'],
    ['a trailing comma', '{"resourceType":"Patient","id":"a",}', 'json'],
    ['a cut line', '{"resourceType":"Patient","id":"a","birthDate":"2', 'json'],
    ['two resources on a line', `${patient()}${patient()}`, 'json'],
    ['a text behind the resource', `${patient()} x`, 'json'],
    ['a list', `[${patient()}]`, 'json'],
    ['a number', '12', 'json'],
    ['a raw control character', patient(',"gender":"fe\u0001male"'), 'json'],
    ['a raw NUL', patient(',"gender":"fe\u0000male"'), 'json'],
    ['a raw tab in a text', patient(',"gender":"a\tb"'), 'json'],
    ['NUL bytes', '\u0000\u0000\u0000', 'json'],
    ['a wrong escape', patient(',"gender":"\\x41"'), 'json'],
    ['a cut escape', patient(',"gender":"\\u00"'), 'json'],
    ['a number with a leading zero', patient(',"multipleBirthInteger":01'), 'json'],
    ['NaN', patient(',"multipleBirthInteger":NaN'), 'json'],
    ['single quotes', "{'resourceType':'Patient'}", 'json'],
    ['a comment', `${patient()}//`, 'json'],
    ['a key without quotes', '{resourceType:"Patient"}', 'json'],
    ['a missing colon', '{"resourceType" "Patient"}', 'json'],
    [
      'invalid UTF-8',
      Buffer.concat([Buffer.from('{"resourceType":"Patient","id":"a","x":"'), Buffer.from([0xff]), Buffer.from('"}')]),
      'encoding',
    ],
    [
      'an encoded surrogate',
      Buffer.concat([
        Buffer.from('{"resourceType":"Patient","id":"a","x":"'),
        Buffer.from([0xed, 0xa0, 0x80]),
        Buffer.from('"}'),
      ]),
      'encoding',
    ],
    ['Latin-1', Buffer.from(patient(',"gender":"café"'), 'latin1'), 'encoding'],
    ['half a surrogate pair', patient(',"gender":"\\ud83d"'), 'encoding half a surrogate pair'],
    ['the other half', patient(',"x":{"\\ude00":1}'), 'encoding half a surrogate pair'],
    ['an id whose escape is no letter of an id', '{"resourceType":"Patient","id":"p\\u0020"}', 'id'],
    ['a decimal that no number holds', patient(',"extension":[{"url":"u","valueDecimal":1e400}]'), 'shape'],
    ['101 levels', nested(100), 'depth'],
    ['10,000 levels', nested(10_000), 'depth'],
    ['10,000 levels of objects', '{"a":'.repeat(10_000), 'depth'],
    ['10,000 levels of extensions', `{"resourceType":"Patient","id":"a",${'"extension":[{'.repeat(10_000)}`, 'depth'],
    ['a key twice', patient(',"gender":"male","gender":"male"'), 'duplicate-key'],
    ['resourceType twice', patient(',"resourceType":"Patient"'), 'duplicate-key'],
    ['an unknown key twice', patient(',"x":1,"y":2,"x":1'), 'duplicate-key'],
    ['a key twice, once escaped', patient(',"gender":"male","g\\u0065nder":"male"'), 'duplicate-key'],
    ['an unknown key twice, once escaped', patient(',"xy":1,"x\\u0079":1'), 'duplicate-key'],
    ['a key twice, deep in what R4 does not know', patient(',"x":[{"y":{"a":1,"b":{},"a":2}}]'), 'duplicate-key'],
    [
      'a key twice in a contained resource',
      patient(',"contained":[{"resourceType":"Basic","id":"b","id":"b"}]'),
      'duplicate-key',
    ],
    [
      'a key twice among a thousand',
      patient(Array.from({ length: 1000 }, (_, at) => `,"k${at % 999}":1`).join('')),
      'duplicate-key',
    ],
    ['no resourceType', '{"id":"a"}', 'type'],
    ['another type than the file', '{"resourceType":"Observation","id":"a"}', 'type'],
    ['a resourceType that is no text', '{"resourceType":1,"id":"a"}', 'type'],
    ['an empty object', '{}', 'type'],
    ['no id', '{"resourceType":"Patient"}', 'id'],
    ['an empty id', '{"resourceType":"Patient","id":""}', 'id'],
    ['an id that is a number', '{"resourceType":"Patient","id":5}', 'id'],
    ['an id of null', '{"resourceType":"Patient","id":null}', 'id'],
    ['an id with a space', '{"resourceType":"Patient","id":"a b"}', 'id'],
    ['an id with a slash', '{"resourceType":"Patient","id":"Patient/1"}', 'id'],
    ['an id of 65 characters', `{"resourceType":"Patient","id":"${'a'.repeat(65)}"}`, 'id'],
    ['an object for a list', patient(',"name":{"family":"A"}'), 'shape'],
    ['a list for an object', patient(',"maritalStatus":[{"text":"A"}]'), 'shape'],
    ['a text for an object', patient(',"maritalStatus":"M"'), 'shape'],
    ['an object for a text', patient(',"birthDate":{"a":1}'), 'shape'],
    ['a number for a text', patient(',"birthDate":1980'), 'shape'],
    ['a text for a boolean', patient(',"active":"true"'), 'shape'],
    ['a boolean for a text', patient(',"gender":false'), 'shape'],
    ['a list for a text', patient(',"gender":["male"]'), 'shape'],
    ['a list in a list', patient(',"name":[[{"family":"A"}]]'), 'shape'],
    ['a text in a list of objects', patient(',"name":["A"]'), 'shape'],
    ['a text for an integer', patient(',"multipleBirthInteger":"2"'), 'shape'],
    ['a fraction for an integer', patient(',"multipleBirthInteger":2.5'), 'shape'],
    ['an integer beyond 64 bits', patient(',"multipleBirthInteger":9223372036854775808'), 'shape'],
    ['a number beyond all decimals', patient(`,"extension":[{"url":"u","valueDecimal":1${'0'.repeat(400)}}]`), 'shape'],
    ['an object for the list of a primitive extension', patient(',"_birthDate":[{"id":"x"}]'), 'shape'],
  ]
  test.each(cases)('%s', (_, line, reason) => {
    const file = Buffer.concat([Buffer.from(`${patient()}\n`), Buffer.from(line as string), Buffer.from(`\n${patient()}\n`)])
    const report = read(file, { type: 'Patient' })
    expect(report.refused).toEqual([
      { line: 2, reason, offset: patient().length + 1, bytes: Buffer.from(line as string).length, type: 'Patient' },
    ])
    expect(report.types).toMatchObject({ Patient: { lines: 3, quarantined: 1 } })
    expect(report.shapes).toEqual({ Patient: { struct: { id: 'string' } } })
  })

  test('a line that is too long is refused without being held; the next one is read', () => {
    const file = new LineFile(scanner, { type: 'Patient' })
    const begin = '{"resourceType":"Patient","id":"b","x":"'
    file.push(Buffer.from(`${patient()}\n${begin}`))
    const part = Buffer.alloc(1 << 20, 'x')
    for (let count = 0; count < 40; count += 1) file.push(part)
    file.push(Buffer.from(`"}\r\n${patient()}`))
    expect(file.end().refused).toEqual([
      { line: 2, reason: 'size', offset: patient().length + 1, bytes: begin.length + (40 << 20) + 2, type: 'Patient' },
    ])
  })

  test('more refused lines than anybody reads are counted', () => {
    const report = read('x\n'.repeat(100_003), { type: 'Patient' })
    expect([report.types, report.refused.length, report.unlisted]).toMatchObject([{ Patient: { lines: 100_003 } }, 100_000, 3])
  })
})

describe('accepted lines', () => {
  const cases: [name: string, line: string][] = [
    ['spaces between tokens', '{ "resourceType" : "Patient" ,\t"id" : "a" , "name" : [ { "family" : "A" } , { } ] , "x" : [ ] }'],
    ['resourceType last', '{"id":"a","active":true,"resourceType":"Patient"}'],
    ['an id as other servers make them', '{"resourceType":"Patient","id":"-1000_part:a.b"}'],
    ['an id with an escape', '{"resourceType":"Patient","id":"p\\u0031"}'],
    ['a type with an escape', '{"resourceType":"P\\u0061tient","id":"p1"}'],
    ['null inside a list of primitive extensions', patient(',"name":[{"given":["A",null],"_given":[null,{"id":"x"}]}]')],
    ['null anywhere', patient(',"name":null,"active":null,"gender":null,"maritalStatus":null')],
    ['escapes', patient(',"gender":"\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\ud83d\\ude00"')],
    ['numbers in all forms', patient(',"x":[0,-0,1.5,1e9,1E+9,-1.25e-7,123456789012345678901234567890]')],
    ['a decimal with many digits', patient(',"extension":[{"url":"u","valueDecimal":1.10000000000000000000000000000}]')],
    ['an integer written with a fraction of zero', patient(',"multipleBirthInteger":2.0')],
    ['unknown elements of any kind', patient(',"x":{"a":[1,"b",null,{"c":true}]},"y":[[[]]]')],
    ['100 levels', nested(99)],
    [
      'contained resources of several types',
      patient(
        ',"contained":[{"resourceType":"Organization","id":"o","name":"N"},{"resourceType":"Practitioner","id":"p","name":[{"family":"F"}]}]',
      ),
    ],
    ['the same key in two objects', patient(',"name":[{"family":"A"},{"family":"A"}],"x":{"id":1,"x":{"id":2}}')],
    ['an empty key', patient(',"":1')],
    ['a key with the name of a prototype member', patient(',"__proto__":1,"constructor":2')],
    ['characters of all lengths', patient(',"gender":"aé€😀"')],
  ]
  test.each(cases)('%s', (_, line) => {
    expect(read(`${line}\n`, { type: 'Patient' })).toMatchObject({
      refused: [],
      types: { Patient: { lines: 1, quarantined: 0 } },
    })
  })
})

describe('lines', () => {
  test('blank lines, BOM and CRLF: numbered as an editor does, counted when they hold something', () => {
    const content = `\ufeff${patient()}\r\n\r\n \t\n\ufeff\n  ${patient()}  \r\nbad\r\n\n${patient()}`
    expect(read(content, { type: 'Patient' })).toMatchObject({
      types: { Patient: { lines: 4, quarantined: 1, maxLine: patient().length + 4 } },
      padded: true,
      refused: [{ line: 6, reason: 'json', bytes: 3 }],
      bom: true,
      torn: false,
    })
  })

  test('a last line without its end: whole or torn', () => {
    expect(read(`${patient()}\n${patient()}`, { type: 'Patient' })).toMatchObject({ torn: false, refused: [] })
    expect(read(`${patient()}\n${patient().slice(0, 20)}`, { type: 'Patient' })).toMatchObject({
      torn: true,
      refused: [{ line: 2 }],
    })
    const halfChar = Buffer.from(patient(',"gender":"é"')).subarray(0, 46)
    expect(read(halfChar, { type: 'Patient' })).toMatchObject({ torn: true })
  })

  test('nothing, or nothing but line ends', () => {
    expect(read('', { type: 'Patient' }).types).toEqual({ Patient: { lines: 0, quarantined: 0, bytes: 0, maxLine: 0 } })
    expect(read('\n\r\n \n').types).toEqual({})
  })

  test('types are told by the lines where the name tells none', () => {
    const content = [
      patient(),
      '{"id":"o","status":"final","resourceType":"Observation"}',
      '{"resourceType":"Observation","id":"p","status":"final"}',
      '{"resourceType":"Nonsense","id":"p"}',
      '{"resourceType":"Observation","id":"q","status":1}',
      '{"resourceType":"Observation","id":"r"',
      'nothing',
    ].join('\n')
    const report = read(content)
    expect(report.refused.map(({ reason, type }) => [reason, type])).toEqual([
      ['type', null],
      ['shape', 'Observation'],
      ['json', 'Observation'],
      ['json', null],
    ])
    expect(report.types).toMatchObject({
      Patient: { lines: 1 },
      Observation: { lines: 4, quarantined: 2 },
      '': { lines: 2, quarantined: 2 },
    })
    expect(report.shapes).toEqual({
      Patient: { struct: { id: 'string' } },
      Observation: { struct: { id: 'string', status: 'string' } },
    })
  })

  test('every way of cutting the bytes into chunks gives the same report', () => {
    const long = patient(`,"gender":"${'x'.repeat(90)}"`)
    const parts = [
      '\ufeff',
      patient(',"gender":"é😀"'),
      '\r\n\n',
      'bad',
      '\n',
      long,
      '\r\n',
      patient(',"name":{}'),
      '\n \n',
      patient(),
    ]
    const content = Buffer.from(parts.join(''))
    for (const options of [{ type: 'Patient', maxLine: 80 }, { maxLine: 80 }, { type: 'Patient' }]) {
      const whole = read(content, options)
      for (let chunk = 1; chunk <= content.length; chunk += 1) expect(read(content, options, chunk)).toEqual(whole)
      for (let at = 0; at <= content.length; at += 1) {
        const file = new LineFile(scanner, options)
        file.push(content.subarray(0, at))
        file.push(content.subarray(at))
        expect(file.end()).toEqual(whole)
      }
    }
    expect(read(content, { type: 'Patient', maxLine: 80 }).refused.map((it) => it.reason)).toEqual(['json', 'size', 'shape'])
  })
})

describe('shape', () => {
  test('what occurs, typed by R4, in the order of the definition', () => {
    const line = patient(
      ',"_birthDate":{"extension":[{"valueCode":"x","url":"u"}]},"birthDate":"1980","name":[{"given":["A",null],"_given":[null,{"id":"i"}],"family":"B"}],"x":{"y":1},"multipleBirthInteger":3,"contact":[{}],"meta":{"lastUpdated":"2026-01-01T00:00:00Z","versionId":"1"},"extension":[{"url":"u","extension":[{"url":"v","valueDecimal":1.10}]}],"contained":[{"resourceType":"Medication","id":"m","code":{"text":"t"}}]',
    )
    expect(read(line, { type: 'Patient' }).shapes.Patient).toEqual({
      struct: {
        id: 'string',
        meta: { struct: { versionId: 'string', lastUpdated: 'string' } },
        contained: { list: { struct: { resourceType: 'string', id: 'string', code: { struct: { text: 'string' } } } } },
        extension: {
          list: { struct: { extension: { list: { struct: { url: 'string', valueDecimal: 'double' } } }, url: 'string' } },
        },
        name: {
          list: { struct: { family: 'string', given: { list: 'string' }, _given: { list: { struct: { id: 'string' } } } } },
        },
        birthDate: 'string',
        _birthDate: { struct: { extension: { list: { struct: { url: 'string', valueCode: 'string' } } } } },
        multipleBirthInteger: 'int',
      },
    })
  })

  test('an integer beyond 32 bits widens the path', () => {
    const media = '{"resourceType":"Media","id":"m","height":3000000000}'
    expect(read(media, { type: 'Media' }).shapes.Media).toEqual({ struct: { id: 'string', height: 'long' } })
  })

  test('names that a server makes up do not grow anything', () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => patient(`,"made-up-${at}":{"k${at}":1}`)).join('\n')
    expect(read(lines, { type: 'Patient' }).shapes.Patient).toEqual({ struct: { id: 'string' } })
  })

  test('a type has a bound number of paths', () => {
    const deep = (depth: number): string =>
      depth === 0 ? '"prefix":"x"' : `"item":[{"linkId":"l","text":"t","code":[{"code":"c"}],${deep(depth - 1)}}]`
    const line = `{"resourceType":"Questionnaire","id":"q",${deep(45)}}`
    expect(read(line, { type: 'Questionnaire' }).refused).toEqual([])
  })

  test('of contained elements whose names differ in case only one is a field: the engine takes them for the same', () => {
    const line = patient(
      ',"contained":[{"resourceType":"ChargeItem","id":"a","bodysite":[{"text":"x"}]},{"resourceType":"Condition","id":"b","bodySite":[{"text":"y"}]},{"resourceType":"AuditEvent","id":"c","subtype":[{"code":"z"}]},{"resourceType":"Claim","id":"d","subType":{"text":"z"}}]',
    )
    const report = read(line, { type: 'Patient' })
    expect(report.refused).toEqual([])
    const names = [...JSON.stringify(report.shapes.Patient).matchAll(/"(bodysite|subtype)"/gi)].map(([, name]) => name)
    expect(names).toEqual(['bodySite', 'subtype'])
  })

  test('lists in lists have a bound: the engine could not read the table', () => {
    const nested = (depth: number): string =>
      `{"url":"u","extension":[${depth === 0 ? '{"url":"v","valueString":"x"}' : nested(depth - 1)}]}`
    const report = read(patient(`,"extension":[${nested(45)}]`), { type: 'Patient' })
    expect(report.refused).toEqual([])
    expect(JSON.stringify(report.shapes.Patient).match(/"list"/g)).toHaveLength(16)
  })
})

describe('against JSON.parse', () => {
  const wellFormed = (value: unknown): boolean =>
    typeof value === 'string'
      ? value.isWellFormed()
      : typeof value !== 'object' ||
        value === null ||
        Object.entries(value).every(([key, inner]) => key.isWellFormed() && wellFormed(inner))

  /** The members of all objects, counted twice: by the parser, and by the parser with every key made unique. */
  const hasTwins = (text: string): boolean => {
    const size = (value: unknown): number =>
      typeof value !== 'object' || value === null ? 0 : Object.values(value).reduce((sum: number, it) => sum + 1 + size(it), 0)
    let key = 0
    const unique = text.replace(/"(?:[^"\\]|\\.)*"([ \t\r]*:)?/g, (token, colon) => (colon ? `"k${key++}":` : token))
    return size(JSON.parse(unique)) !== size(JSON.parse(text))
  }

  const expected = (text: string): string[] => {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      return ['json']
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return ['json']
    if (!wellFormed(value) || /\\u[dD][89a-fA-F]/.test(text))
      return ['encoding half a surrogate pair', 'accepted', 'duplicate-key']
    return hasTwins(text) ? ['duplicate-key'] : ['accepted']
  }

  /** Without type and id the line is refused for `type` at best: then it is JSON without a key twice. */
  const verdict = (text: string): string => {
    const reason = reasons(`${text}\n`)[0]?.[1] ?? 'accepted'
    return ['type', 'id', 'shape'].includes(String(reason)) ? 'accepted' : String(reason)
  }

  const key = fc.oneof(
    fc.constantFrom('resourceType', 'id', 'name', 'extension', 'a', 'b', '\\u0061', ''),
    fc.string({ maxLength: 3 }).map((it) => JSON.stringify(it).slice(1, -1)),
  )
  const leaf = fc.oneof(
    fc.constantFrom(
      '1',
      '-0.5e3',
      'true',
      'false',
      'null',
      '""',
      '"a\\n"',
      '"\\ud83d\\ude00"',
      '"\\ud83d"',
      '01',
      '1.',
      '[]',
      '{}',
    ),
    fc.string({ unit: 'grapheme', maxLength: 12 }).map((it) => JSON.stringify(it)),
  )
  const space = fc.constantFrom('', '', '', ' ', '\t', '\r ')
  const { value: jsonText } = fc.letrec<{ value: string; object: string; list: string }>((tie) => ({
    value: fc.oneof({ maxDepth: 4 }, leaf, tie('object'), tie('list')),
    object: fc
      .array(fc.tuple(space, key, space, tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([a, name, b, value]) => `${a}"${name}"${b}:${a}${value}${b}`).join(',')}}`),
    list: fc
      .array(fc.tuple(space, tie('value')), { maxLength: 4 })
      .map((items) => `[${items.map(([a, it]) => a + it).join(',')}]`),
  }))
  const objectText = fc.tuple(jsonText, jsonText).map(([a, b]) => `{"name":${a},"x":${b}}`)
  const mutated = fc
    .tuple(
      objectText,
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('', '"', '\\', '{', '}', '[', ']', ',', ':', '0', 'e', ' ', 'u', '\u0001'),
    )
    .map(([text, at, cut, insert]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + insert + text.slice(place + cut)
    })
    .filter((text) => text.isWellFormed() && text.trim() !== '' && !/^[\ufeff]/.test(text))

  test('takes what it takes, and refuses what it refuses', () => {
    fc.assert(
      fc.property(fc.oneof(objectText, mutated, mutated), (text) => {
        expect(expected(text)).toContain(verdict(text))
      }),
      { numRuns: 4000 },
    )
  })
})

describe('header lines of organised output', () => {
  const header = '{"resourceType":"Parameters","parameter":[{"name":"header","valueReference":{"reference":"Patient/a"}}]}'

  test.each<[string, LineFileOptions]>([
    ['in a file of several types', {}],
    ['in a file of one type', { type: 'Patient' }],
  ])('%s are neither lines nor refused, and C-42 no data', (_, options) => {
    const { types, refused, padded } = read(`${header}\n${patient()}\n${header}\n${patient()}\n`, options)
    expect([refused, padded]).toEqual([[], true])
    expect(types).toEqual({ Patient: { lines: 2, quarantined: 0, bytes: 2 * (patient().length + 1), maxLine: patient().length } })
  })

  test.each([
    ['with an id', header.replace('"parameter"', '"id":"x","parameter"'), 0],
    ['of another part', header.replace('"header"', '"foot"'), 1],
    ['that is cut', header.slice(0, -1), 1],
  ])('Parameters %s are a line like any other', (_, line, refused) => {
    const report = read(`${line}\n`)
    expect([report.refused.length, report.types.Parameters?.lines]).toEqual([refused, 1])
  })
})
