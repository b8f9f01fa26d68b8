/** What analysts write: FHIRPath and ViewDefinitions. */
import { compile, ViewError } from '@floe/views'
import { parseFhirPath } from '../packages/views/src/fhirpath/parser.ts'
import { failing, only, type Target, texts } from './target.ts'

const own = only(ViewError)

const fhirpath: Target = {
  seeds: texts(
    "name.where(use = 'official').given.first() | name.family",
    "Observation.value.ofType(Quantity).value > 5.4 and status in ('final' | 'amended')",
    "extension('http://x').value.ofType(string).exists().not()",
    "telecom.select(system & ':' & value).join(', ')",
    'birthDate <= @2020-01-01 or %date = @2020-01-01T10:00:00.000+02:00 and @T10:00',
    "subject.getReferenceKey(Patient) = 'x' and $this.id.substring(0, 3).matches('[a-z]+')",
    "value.lowBoundary() + -1.50 * (2 div 3) mod 4 - 5 'mg'",
  ),
  words: [
    '.where(',
    '.',
    '(',
    ')',
    "'",
    '`',
    '%',
    '$this',
    '@',
    '//',
    '/*',
    ' and ',
    ' is ',
    ' as ',
    '{}',
    '[0]',
    '\\u',
    '1.',
    '.5',
  ],
  run(input) {
    failing(own, () => parseFhirPath(input.toString('utf8')))
  },
}

const view = (select: object[], rest: object = {}): object => ({
  resourceType: 'ViewDefinition',
  resource: 'Patient',
  name: 'v',
  status: 'active',
  select,
  ...rest,
})

const viewDefinition: Target = {
  ...{ json: true, words: ['"forEach":"name"', '"unionAll":[', '"repeat":["', '"column":[', '%rowIndex', 'getResourceKey()'] },
  seeds: texts(
    view(
      [
        {
          column: [
            { name: 'id', path: 'getResourceKey()', type: 'id' },
            { name: 'born', path: 'birthDate', tag: [{ name: 'ansi/type', value: 'DATE' }] },
          ],
        },
        { forEachOrNull: 'name.where(use = %use)', column: [{ name: 'given', path: 'given', collection: true }] },
        {
          unionAll: [
            { forEach: 'contact', column: [{ name: 'x', path: 'name.family' }] },
            { forEach: 'link', column: [{ name: 'x', path: 'type' }] },
          ],
        },
      ],
      { constant: [{ name: 'use', valueString: 'official' }], where: [{ path: "gender = 'female'" }] },
    ),
    view([{ repeat: ['item', 'answer.item'], column: [{ name: 'link', path: 'linkId' }] }], {
      resource: 'QuestionnaireResponse',
    }),
    view(
      [
        {
          column: [{ name: 'v', path: "value.ofType(Quantity).value > 1 and code.coding.where(system='s').code.first() = 'c'" }],
        },
      ],
      { resource: 'Observation' },
    ),
  ),
  run(input) {
    const json = failing(only(SyntaxError), () => ({ value: JSON.parse(input.toString('utf8')) as unknown }))
    if (json === undefined) return
    for (const dialect of ['duckdb', 'spark'] as const)
      failing(own, () => compile(json.value, { dialect, source: { kind: 'json', text: 'j' } } as never))
  },
}

export const viewTargets: Record<string, Target> = { fhirpath, 'view-definition': viewDefinition }
