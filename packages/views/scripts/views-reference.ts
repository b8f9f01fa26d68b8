import { bundledViews } from '../src/bundled/index.ts'
import { compile } from '../src/compile.ts'
import type { ViewColumn, ViewSelect } from '../src/view-definition.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** Columns with their paths, in view order; of a unionAll those of the first branch. */
function columnsOf(select: ViewSelect): ViewColumn[] {
  const [first] = select.unionAll ?? []
  return [...(select.column ?? []), ...(select.select ?? []).flatMap(columnsOf), ...(first ? columnsOf(first) : [])]
}

/** The page docs/views-reference.md, made from the bundled views. */
export function viewsReference(): string {
  const overview = bundledViews.map(
    ({ name = '', resource, description = '' }) => `| [${name}](#${name}) | ${resource} | ${cell(description)} |`,
  )
  return [
    '# Bundled views',
    '',
    '<!-- Made by scripts/generate-docs.ts from packages/views/src/bundled; do not edit. -->',
    '',
    `Reference, for analysts. ${bundledViews.length} ViewDefinitions of the Shareable profile over FHIR R4; \`floe build\` makes each a table \`gold.<name>\`.`,
    'Keys (`id`, `…_id`) are those of `getResourceKey()` and `getReferenceKey()`: joins need nothing else. Dates are FHIR text, as precise as they were recorded.',
    'How to write your own: [views.md](views.md).',
    '',
    '| view | over | one row for |',
    '| --- | --- | --- |',
    ...overview,
    '',
    ...bundledViews.flatMap(section),
  ].join('\n')
}

function section(view: (typeof bundledViews)[number]): string[] {
  const { name = '', resource, description = '', where = [], select } = view
  const declared = new Map(select.flatMap(columnsOf).map((column) => [column.name, column]))
  const { columns } = compile(view, { source: { kind: 'json', sql: 'lines' } })
  const rows = columns.map((column) => {
    const { path = '', type = '', description: meaning = '' } = declared.get(column.name) ?? {}
    return `| \`${column.name}\` | ${type} | ${cell(meaning)} | \`${cell(path)}\` |`
  })
  const filter = where.map(({ path }) => `Only where \`${path}\`.`)
  return [
    `## ${name}`,
    '',
    [`${description} Over ${resource}.`, ...filter].join(' '),
    '',
    '| column | type | meaning | path |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ]
}
