import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { check, compile, ViewError } from '@floe/views'
import { bundledViews } from '@floe/views/bundled'
import { fhirVersion } from '@floe/views/fhir'
import { usageError } from '../errors.ts'
import type { BuildOptions } from '../types.ts'
import { canonicalName, isLibrary, type SqlQuery, sqlQueryOf } from './library.ts'
import { bundledMarts } from './marts.ts'

/** A ViewDefinition that becomes a gold table. */
export interface GoldView {
  readonly kind: 'view'
  readonly name: string
  readonly url: string | undefined
  readonly resource: string
  readonly view: unknown
}

/** A SQLQuery Library that becomes a gold table; `inputs` are names of other definitions by table name. */
export interface GoldQuery {
  readonly kind: 'query'
  readonly name: string
  readonly url: string | undefined
  readonly sql: string
  readonly inputs: ReadonlyMap<string, string>
}

export type Definition = GoldView | GoldQuery

type Read = GoldView | (SqlQuery & { readonly kind: 'library'; readonly file: string })

/**
 * What to build, in an order in which every definition comes after those it depends on: what `names` name and what that needs, or
 * everything. A definition of the user replaces a bundled one of the same name.
 */
export async function chosenDefinitions({ names = [], viewsDir }: BuildOptions): Promise<Definition[]> {
  const read = new Map<string, Read>()
  // The bundled views are of R4: of other releases those that read the same.
  for (const view of bundledViews) if (fhirVersion() === 'R4' || compiles(view)) add(read, goldView(view, String(view.name)))
  for (const library of bundledMarts) {
    const mart = libraryOf(library, String(library.name), String(library.name))
    if (fhirVersion() === 'R4' || hasInputs(mart, read)) add(read, mart)
  }
  for (const { file, json } of viewsDir === undefined ? [] : await userFiles(viewsDir)) {
    const fallback = basename(file, '.json')
    add(read, isLibrary(json) ? libraryOf(json, file, fallback) : withFile(file, () => goldView(json, fallback)))
  }
  const unknown = names.filter((name) => !read.has(name))
  if (unknown.length > 0)
    throw usageError(`There is no view ${unknown.join(', ')}.`, `Views: ${[...read.keys()].toSorted().join(', ')}`)
  return inOrder(resolved(read), names.length === 0 ? [...read.keys()] : names)
}

/** Whether a view of simple values can be said in the release in use, and gives such values there, too. */
export function compiles(view: unknown): boolean {
  try {
    const { columns } = compile(view, { dialect: 'duckdb', source: { kind: 'table', sql: 'silver' } })
    return columns.every(({ shape }) => typeof (typeof shape === 'object' && 'list' in shape ? shape.list : shape) === 'string')
  } catch {
    return false
  }
}

function hasInputs(one: Read, read: ReadonlyMap<string, Read>): boolean {
  return one.kind !== 'library' || one.dependsOn.every(({ resource }) => read.has(canonicalName(resource).toLowerCase()))
}

function add(read: Map<string, Read>, one: Read): void {
  read.set(one.name, one)
}

function goldView(view: unknown, fallback: string): GoldView {
  const { name, resource } = check(view)
  const { url } = view as { url?: unknown }
  return { kind: 'view', name: (name ?? fallback).toLowerCase(), url: typeof url === 'string' ? url : undefined, resource, view }
}

function libraryOf(json: unknown, file: string, fallback: string): Read {
  return { ...sqlQueryOf(json, { where: file, name: fallback }), kind: 'library', file }
}

/** Canonicals of `depends-on` become names: by url, else by the name at its end. */
function resolved(read: ReadonlyMap<string, Read>): Map<string, Definition> {
  const byUrl = new Map([...read.values()].flatMap(({ url, name }) => (url === undefined ? [] : [[url, name] as const])))
  return new Map(
    [...read].map(([name, one]): readonly [string, Definition] => {
      if (one.kind === 'view') return [name, one]
      const inputs = one.dependsOn.map(({ label, resource }) => {
        const plain = resource.replace(/\|.*$/, '')
        const target = byUrl.get(plain) ?? canonicalName(plain).toLowerCase()
        if (!read.has(target)) throw usageError(`${one.file}: relatedArtifact: there is no view for the table ${label}`)
        return [label, target] as const
      })
      return [name, { kind: 'query', name, url: one.url, sql: one.sql, inputs: new Map(inputs) }]
    }),
  )
}

function inOrder(definitions: ReadonlyMap<string, Definition>, names: readonly string[]): Definition[] {
  const ordered = new Map<string, Definition>()
  const open = new Set<string>()
  const visit = (name: string): void => {
    const one = definitions.get(name)
    if (one === undefined || ordered.has(name)) return
    if (open.has(name)) throw usageError(`Queries depend on each other in a circle: ${[...open, name].join(', ')}`)
    open.add(name)
    if (one.kind === 'query') for (const input of one.inputs.values()) visit(input)
    open.delete(name)
    ordered.set(name, one)
  }
  for (const name of names) visit(name)
  return [...ordered.values()].toSorted((a, b) => Number(a.kind === 'query') - Number(b.kind === 'query'))
}

function withFile<T>(file: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    if (!(error instanceof ViewError)) throw error
    const { path, expression, span, hint, reason } = error
    throw new ViewError(`${basename(file)}: ${reason}`, { path, expression, span, hint, cause: error })
  }
}

/** The JSON files of a folder of the user, in the order of their names. */
export async function jsonFiles(folder: string, what: string): Promise<{ file: string; json: unknown }[]> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw usageError(
      `The folder of ${what} cannot be read: ${cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown'}`,
    )
  })
  const files = names.filter((name) => name.endsWith('.json')).toSorted()
  return await Promise.all(
    files.map(async (name) => {
      try {
        return { file: name, json: JSON.parse(await readFile(join(folder, name), 'utf8')) as unknown }
      } catch (cause) {
        throw usageError(`${name} is no JSON: ${cause instanceof Error ? cause.message : ''}`)
      }
    }),
  )
}

async function userFiles(folder: string): Promise<{ file: string; json: unknown }[]> {
  return await jsonFiles(folder, 'views')
}
