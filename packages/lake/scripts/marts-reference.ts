import { marts } from '../src/gold/marts.ts'

const cell = (text: string): string => text.replaceAll('|', '\\|')

/** The page docs/marts.md, made from the bundled marts. */
export function martsReference(): string {
  const overview = marts.map(
    ({ name, dependsOn, description }) => `| [${name}](#${name}) | ${dependsOn.join(', ')} | ${cell(description)} |`,
  )
  return [
    '# Marts',
    '',
    '<!-- Made by scripts/generate-docs.ts from packages/lake/src/gold/marts.ts; do not edit. -->',
    '',
    `Reference, for analysts. ${marts.length} tables that \`floe build\` makes of the [bundled views](views-reference.md), each as \`gold.<name>\`.`,
    'A mart is a FHIR Library of the SQLQuery profile of SQL on FHIR: SQL, and the views that it reads. Hidden Encounters and rows that failed an',
    '[error rule](quality.md) are not counted, since the views do not hold them.',
    '',
    '| mart | from | one row for |',
    '| --- | --- | --- |',
    ...overview,
    '',
    '## Your own',
    '',
    'A Library in the folder of `floe build --views DIR` becomes a table as well:',
    '',
    '```json',
    JSON.stringify(example, null, 2),
    '```',
    '',
    '`label` is the name of the table in the SQL, `resource` the canonical of a view or of another Library, by `url` or by the name at its end. The SQL is in `data` (base64) or in the extension `sql-text`; one with',
    '`contentType` `application/sql;dialect=duckdb` is preferred. It is one SELECT, reads the tables it names and nothing else, and has no parameters. Lists and structs become JSON text.',
    '',
    ...marts.flatMap(({ name, description, columns, sql, dependsOn }) => [
      `## ${name}`,
      '',
      `${description} From ${dependsOn.map((view) => `[${view}](views-reference.md#${view})`).join(', ')}.`,
      '',
      '| column | meaning |',
      '| --- | --- |',
      ...Object.entries(columns).map(([column, meaning]) => `| \`${column}\` | ${cell(meaning)} |`),
      '',
      '```sql',
      sql,
      '```',
      '',
    ]),
  ].join('\n')
}

const sql = 'select gender, count(*) as patients from p group by gender'
const example = {
  resourceType: 'Library',
  name: 'patients_by_gender',
  status: 'active',
  type: { coding: [{ code: 'sql-query' }] },
  relatedArtifact: [{ type: 'depends-on', resource: 'https://floe.dev/ViewDefinition/patient', label: 'p' }],
  content: [
    {
      contentType: 'application/sql',
      extension: [{ url: 'http://hl7.org/fhir/uv/sql-on-fhir/StructureDefinition/sql-text', valueString: sql }],
    },
  ],
}
