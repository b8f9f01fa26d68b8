import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'

/** The repository's root folder. */
export const root: string = join(import.meta.dirname, '..')

/** One import of a source file: the specifier as written, and whether it imports types only. */
export interface Import {
  readonly specifier: string
  readonly typeOnly: boolean
}

/** Every `.ts` file below the folders, as paths relative to the root, sorted. */
export function sourceFiles(folders: readonly string[]): string[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.parentPath.includes('node_modules'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((path) => !path.includes('/dist/'))
    .sort()
}

/** The text of a source file. */
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8')

/** The static and dynamic imports and re-exports of a source text; examples in doc comments do not count. */
export function importsOf(source: string): Import[] {
  const text = source.replace(/\/\*[\s\S]*?\*\//g, '')
  const found: Import[] = []
  const statement = /^(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?'([^']+)'/gm
  for (const match of text.matchAll(statement)) found.push({ specifier: match[2] ?? '', typeOnly: match[1] !== undefined })
  for (const match of text.matchAll(/\bimport\('([^']+)'\)/g)) found.push({ specifier: match[1] ?? '', typeOnly: false })
  return found
}

/** A relative specifier as a path relative to the root; undefined for a package. */
export function resolveImport(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith('.')) return undefined
  return relative(root, resolve(join(root, dirname(from)), specifier))
}
