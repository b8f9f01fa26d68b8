import { describe, expect, test } from 'vitest'
import { check } from './compile.ts'
import { ViewError } from './errors.ts'

const id = { name: 'id', path: 'id' }
const patient = (fields: object = {}) => ({ resource: 'Patient', select: [{ column: [id] }], ...fields })
const withColumn = (column: object) => patient({ select: [{ column: [{ name: 'v', path: 'id', ...column }] }] })
const withPath = (path: string) => withColumn({ path })

function refusal(view: unknown): ViewError {
  try {
    check(view)
  } catch (error) {
    if (error instanceof ViewError) return error
    throw error
  }
  throw new Error('the view was not refused')
}

describe('a ViewDefinition', () => {
  test.each([
    ['nothing but what is required', patient()],
    ['resourceType ViewDefinition', patient({ resourceType: 'ViewDefinition' })],
    ['the 2.x canonical', patient({ resourceType: 'https://sql-on-fhir.org/ig/StructureDefinition/ViewDefinition' })],
    [
      'the 3.0-ballot canonical',
      patient({ resourceType: 'http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/ViewDefinition' }),
    ],
    ['metadata that floe does not know', patient({ identifier: [{ value: 'x' }], experimental: true, fhirVersion: ['4.0.1'] })],
    [
      'constants of every type',
      patient({
        constant: [
          { name: 'a', valueDecimal: 1.5 },
          { name: 'b', valueBoolean: false },
          { name: 'c', valueInteger64: '9007199254740993' },
        ],
      }),
    ],
    ['the JSON name of a choice', withPath('multipleBirthInteger')],
    ['the type before the path', withPath('Patient.name.first().family')],
  ])('may have %s', (_, view) => {
    expect(check(view).resource).toBe('Patient')
  })

  test.each([
    ['no object', [], '', 'a ViewDefinition is a JSON object'],
    ['another resource', patient({ resourceType: 'Patient' }), 'resourceType', 'expected "ViewDefinition", found "Patient"'],
    ['no resource type', { select: [] }, 'resource', 'names the resource type of the view and is required'],
    ['an unknown resource type', patient({ resource: 'Pation' }), 'resource', '"Pation" is not a resource type of FHIR R4'],
    ['a bad name', patient({ name: 'my-view' }), 'name', '"my-view" is not a name: ^[A-Za-z][A-Za-z0-9_]*$'],
    ['no select', patient({ select: [] }), 'select', 'a view needs at least one select'],
    ['a select that is no list', patient({ select: {} }), 'select', 'expected a list'],
    [
      'a select of nothing',
      patient({ select: [{ forEach: 'name' }] }),
      'select[0]',
      'a select needs a column, a select or a unionAll',
    ],
    ['a column without name', withColumn({ name: undefined }), 'select[0].column[0].name', 'is required'],
    [
      'a column name with a dash',
      withColumn({ name: 'a-b' }),
      'select[0].column[0].name',
      '"a-b" is not a name: ^[A-Za-z][A-Za-z0-9_]*$',
    ],
    [
      'a column name that begins with a digit',
      withColumn({ name: '1a' }),
      'select[0].column[0].name',
      '"1a" is not a name: ^[A-Za-z][A-Za-z0-9_]*$',
    ],
    ['a column without path', withColumn({ path: undefined }), 'select[0].column[0].path', 'is required'],
    ['a path that is no text', withColumn({ path: 1 }), 'select[0].column[0].path', 'expected a FHIRPath expression as text'],
    [
      'one name twice',
      patient({ select: [{ column: [id] }, { select: [{ column: [id] }] }] }),
      'select[1].select[0].column[0].name',
      'column id is named twice',
    ],
    [
      'forEach and repeat',
      patient({ select: [{ forEach: 'name', repeat: ['contact'], column: [id] }] }),
      'select[0]',
      'only one of forEach, forEachOrNull and repeat is allowed, found forEach and repeat',
    ],
    [
      'a forEach that is no text',
      patient({ select: [{ forEach: 1, column: [id] }] }),
      'select[0].forEach',
      'expected a FHIRPath expression as text',
    ],
    [
      'a repeat that is no list',
      patient({ select: [{ repeat: 'item', column: [id] }] }),
      'select[0].repeat',
      'expected a list of FHIRPath expressions',
    ],
    [
      'union branches with other names',
      patient({ select: [{ unionAll: [{ column: [id] }, { column: [{ name: 'key', path: 'id' }] }] }] }),
      'select[0].unionAll[1]',
      'has the columns key; the first branch has id in this order',
    ],
    ['a constant without value', patient({ constant: [{ name: 'a' }] }), 'constant[0]', 'constant a has no value'],
    [
      'a constant with two values',
      patient({ constant: [{ name: 'a', valueCode: 'x', valueString: 'y' }] }),
      'constant[0]',
      'constant a has more than one value',
    ],
    [
      'a constant of a complex type',
      patient({ constant: [{ name: 'a', valueQuantity: {} }] }),
      'constant[0].valueQuantity',
      'a constant has no valueQuantity',
    ],
    [
      'a constant of the wrong kind',
      patient({ constant: [{ name: 'a', valueInteger: 1.5 }] }),
      'constant[0].valueInteger',
      'expected an integer, found 1.5',
    ],
    [
      'an integer64 that is no integer',
      patient({ constant: [{ name: 'a', valueInteger64: 'x' }] }),
      'constant[0].valueInteger64',
      'expected an integer of 64 bits, found "x"',
    ],
    [
      'a constant twice',
      patient({
        constant: [
          { name: 'a', valueCode: 'x' },
          { name: 'a', valueCode: 'y' },
        ],
      }),
      'constant[1].name',
      'constant a is defined twice',
    ],
    ['a where without path', patient({ where: [{}] }), 'where[0].path', 'is required'],
  ])('is refused with %s', (_, view, path, reason) => {
    const error = refusal(view)
    expect([error.path, error.reason]).toEqual([path, reason])
    expect(error.exitCode).toBe(2)
  })

  test.each([
    ['%wrong', 0, 6, 'undefined constant %wrong'],
    ['%toString', 0, 9, 'undefined constant %toString'],
    ['name.famly', 5, 10, 'HumanName has no element famly'],
    ['name.family.foo()', 12, 17, 'unknown function foo()'],
    ['name.first(1)', 5, 13, 'first() takes 0 arguments, found 1'],
    ['deceased', 0, 8, 'deceased[x] mixes boolean, dateTime'],
    ['name.ofType(Foo)', 12, 15, 'Foo is not a type of FHIR R4'],
    ['id.getReferenceKey()', 3, 20, 'getReferenceKey() takes a Reference, not id'],
    ["birthDate > 'x'", 0, 15, '> does not compare date with string'],
    ['id + 1', 0, 6, '+ does not take id and integer'],
    ["id.matches('(')", 11, 14, 'not a regular expression'],
    ['name[id]', 5, 7, 'an index is an integer, not id'],
    ['$index', 0, 6, '$index stands outside of where(), select() and the like'],
    ['iif(active, $this)', 0, 18, 'iif() cannot give the resource itself'],
    ['$this', 0, 5, 'a column cannot hold the whole resource'],
    ["4 'mg'", 0, 6, 'quantities with a unit are not supported'],
  ])('is refused for %s at %i to %i', (expression, start, end, reason) => {
    const error = refusal(withPath(expression))
    expect([error.span, error.reason]).toEqual([{ start, end }, reason])
    expect(error.render().split('\n')[2]).toBe(`  ${' '.repeat(start)}${'^'.repeat(end - start)}`)
  })

  test('names what may have been meant', () => {
    expect(refusal(withPath('birthdate')).hint).toBe('write birthDate')
  })
})
