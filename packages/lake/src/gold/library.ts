import { usageError } from '../errors.ts'

/** A FHIR Library of the SQLQuery profile (SQL on FHIR 3.0-ballot), as JSON. */
export interface SqlQueryLibrary {
  readonly resourceType: 'Library'
  readonly name?: string
  readonly url?: string
  readonly description?: string
  readonly [element: string]: unknown
}

/** What floe takes from such a Library. */
export interface SqlQuery {
  readonly name: string
  readonly url: string | undefined
  readonly sql: string
  /** Table names of the SQL, with the canonical of the view or query each stands for. */
  readonly dependsOn: readonly { readonly label: string; readonly resource: string }[]
}

const base = 'http://hl7.org/fhir/uv/sql-on-fhir'

/** Makes a Library of the SQLQuery profile. `dependsOn` are names of bundled views, which the SQL uses as table names. */
export function sqlQueryLibrary(query: {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly dependsOn: readonly string[]
  readonly sql: string
}): SqlQueryLibrary {
  const { name, title, description, dependsOn, sql } = query
  return {
    resourceType: 'Library',
    meta: { profile: [`${base}/StructureDefinition/SQLQuery`] },
    ...{ url: `https://floe.dev/Library/${name}`, name, title, status: 'active', description },
    type: { coding: [{ system: `${base}/CodeSystem/LibraryTypesCodes`, code: 'sql-query' }] },
    relatedArtifact: dependsOn.map((label) => ({
      ...{ type: 'depends-on', resource: `https://floe.dev/ViewDefinition/${label}`, label },
    })),
    content: [
      {
        contentType: 'application/sql;dialect=duckdb',
        extension: [{ url: `${base}/StructureDefinition/sql-text`, valueString: sql }],
        data: Buffer.from(sql).toString('base64'),
      },
    ],
  }
}

export function isLibrary(json: unknown): boolean {
  return typeof json === 'object' && json !== null && (json as { resourceType?: unknown }).resourceType === 'Library'
}

interface LibraryJson {
  readonly name?: unknown
  readonly url?: unknown
  readonly type?: { readonly coding?: readonly { readonly code?: unknown }[] }
  readonly parameter?: readonly unknown[]
  readonly relatedArtifact?: readonly { readonly type?: unknown; readonly resource?: unknown; readonly label?: unknown }[]
  readonly content?: readonly {
    readonly contentType?: unknown
    readonly data?: unknown
    readonly extension?: readonly { readonly url?: unknown; readonly valueString?: unknown }[]
  }[]
}

/** Reads a SQLQuery Library; one that cannot become a table is a usage error that names the element. */
export function sqlQueryOf(json: unknown, { where, name: fallback }: { where: string; name: string }): SqlQuery {
  const library = json as LibraryJson
  const fail = (what: string): never => {
    throw usageError(`${where}: ${what}`)
  }
  if (!(library.type?.coding ?? []).some(({ code }) => code === 'sql-query' || code === 'sql-view'))
    fail('type: a Library that becomes a table has the code sql-query')
  if ((library.parameter ?? []).length > 0) fail('parameter: a table has no parameters')
  const name = typeof library.name === 'string' ? library.name : fallback
  if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name)) fail(`name: ${JSON.stringify(name)} is not a name`)
  const dependsOn = (library.relatedArtifact ?? [])
    .filter(({ type }) => type === 'depends-on')
    .map(({ resource, label }, index) => {
      if (typeof resource !== 'string') return fail(`relatedArtifact[${index}].resource: the canonical of a view is missing`)
      return { label: typeof label === 'string' ? label : canonicalName(resource), resource }
    })
  const url = typeof library.url === 'string' ? library.url : undefined
  return { name: name.toLowerCase(), url, sql: sqlOf(library.content ?? [], fail), dependsOn }
}

function sqlOf(contents: NonNullable<LibraryJson['content']>, fail: (what: string) => never): string {
  const texts = contents.map(({ contentType, data, extension = [] }) => {
    const [, dialect = ''] = /^application\/sql\s*(?:;\s*dialect=["']?([A-Za-z0-9_-]+))?/.exec(String(contentType)) ?? [null, '-']
    const text = extension.find(({ url }) => typeof url === 'string' && url.endsWith('/sql-text'))?.valueString
    const sql = typeof data === 'string' ? Buffer.from(data, 'base64').toString('utf8') : text
    return { dialect: dialect.toLowerCase(), sql }
  })
  const chosen = texts.find(({ dialect }) => dialect === 'duckdb') ?? texts.find(({ dialect }) => dialect === '')
  if (chosen === undefined) return fail('content: there is no application/sql, plain or with dialect=duckdb')
  if (typeof chosen.sql !== 'string') return fail('content: there is neither data nor the extension sql-text')
  return chosen.sql.replace(/[\s;]+$/, '')
}

/** The name at the end of a canonical, without its version. */
export function canonicalName(canonical: string): string {
  return canonical.replace(/\|.*$/, '').replace(/^.*\//, '')
}
