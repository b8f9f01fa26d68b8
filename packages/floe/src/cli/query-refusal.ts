import { shellWord } from './ui/format.ts'

/** Why a query was not run, and what does what was wanted. */
export interface QueryRefusal {
  readonly message: string
  readonly hint: string
}

interface Rule {
  /** What the engine, or the guard before it, says. */
  readonly said: RegExp
  readonly message?: string
  readonly hint: (query: Query) => string
}

interface Query {
  readonly sql: string
  /** The lake, ready to be pasted. */
  readonly lake: string
  /** What `said` found. */
  readonly found: readonly string[]
}

const oneStatement = 'a query is one reading statement (SELECT, WITH, VALUES, DESCRIBE, SHOW, EXPLAIN, SUMMARIZE)'
const ofTheLake = 'a query reads the tables of the lake, no file and no address beside it'

const rules: readonly Rule[] = [
  { said: /^This statement does not only read/, message: `${oneStatement}; this one acts`, hint: insteadOfActing },
  {
    said: /^A query is exactly one statement; these are 0/,
    message: `${oneStatement}; this is none`,
    hint: ({ lake }) => `floe tables --lake ${lake}`,
  },
  {
    said: /^A query is exactly one statement; these are (\d+)/,
    message: `${oneStatement}; these are several`,
    hint: ({ lake }) => `floe query 'SELECT …' --lake ${lake}   # each in a query of its own`,
  },
  {
    said: /^The function (\S+) does not only read/,
    hint: ({ lake }) => `floe tables --lake ${lake}   # what can be read`,
  },
  {
    said: /^Permission Error: Cannot access (?:file|directory) "?(https?|s3|gcs|az|hf):/i,
    message: `${ofTheLake}: this address is refused`,
    hint: ({ lake }) => `floe etl FHIR_URL --lake ${lake}   # brings data of a server into the lake`,
  },
  {
    said: /^Permission Error: Cannot access/,
    message: `${ofTheLake}: this file is refused`,
    hint: ({ sql, lake }) => `floe query ${shellWord(sql)} --unsafe --lake ${lake}   # lets it read your files`,
  },
  {
    said: /^Permission Error/,
    message: 'a query does not change settings or load extensions',
    hint: ({ sql, lake }) => `floe query ${shellWord(sql)} --unsafe --lake ${lake}   # lifts the limits on settings and files`,
  },
  {
    said: /^Binder Error: (?:Referenced column|Table "[^"]*" does not have a column|Values list "[^"]*" does not have)/,
    hint: ({ sql, lake }) => {
      const [, table = 'silver.patient'] = /\b(?:from|join)\s+((?:silver|gold|omop|floe)\."?\w+"?)/i.exec(sql) ?? []
      return `floe query ${shellWord(`describe ${table}`)} --lake ${lake}   # its columns`
    },
  },
  {
    said: /^Catalog Error: \w+ Function with name "?(\w+)"? does not exist/,
    hint: ({ lake, found: [name = ''] }) => {
      const like = `select distinct function_name from duckdb_functions() where function_name like '%${name.slice(0, 4).toLowerCase()}%'`
      return `floe query ${shellWord(like)} --lake ${lake}`
    },
  },
]

/** What a person is told of a query that was refused; undefined where the refusal says all there is. */
export function queryRefusal(said: string, sql: string, lake: string): QueryRefusal | undefined {
  for (const { said: pattern, message, hint } of rules) {
    const found = pattern.exec(said)
    if (found !== null) return { message: message ?? said, hint: hint({ sql, lake, found: found.slice(1) }) }
  }
  return undefined
}

/** By the word that a statement begins with: the command that does it here. */
function insteadOfActing({ sql, lake }: Query): string {
  const words = sql.replace(/^(?:\s|--[^\n]*(?:\n|$)|\/\*[\s\S]*?\*\/)+/, '')
  const [verb = ''] = /^[a-z]+/i.exec(words) ?? []
  switch (verb.toLowerCase()) {
    case 'create':
      return `floe build --views DIR --lake ${lake}   # tables of your own: ViewDefinitions and SQL queries in DIR (docs/views.md)`
    case 'copy':
    case 'export':
      return `floe query 'SELECT …' --format parquet --out FILE.parquet --lake ${lake}   # or csv, ndjson`
    case 'attach':
    case 'use':
      return `floe out postgres --to env:NAME --lake ${lake}   # or cumulus, parquet: the lake's tables for another database`
    case 'set':
    case 'reset':
    case 'pragma':
      return `floe query 'SET name = value; SELECT …' --unsafe --lake ${lake}   # a setting for one query`
    case 'insert':
    case 'update':
    case 'merge':
      return `floe load FOLDER --lake ${lake}   # data comes by exports only`
    case 'delete':
    case 'truncate':
    case 'drop':
      return `floe rollback EXPORT --lake ${lake}   # takes an export back`
    default:
      return 'floe query --help   # what a query may be'
  }
}
