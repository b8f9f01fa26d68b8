import { createHash, type Hash } from 'node:crypto'
import type { StoredFile } from './state-types.ts'
import type { ExportIdentity, PlannedExport } from './types.ts'

/** SHA-256 of a value as JSON. */
export const sha256 = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** Who an export is, and what came: the same export again has the same. */
export function fingerprintOf(identity: ExportIdentity, files: readonly StoredFile[]): string {
  return hashOfList([identity], files, (it) => [it.relative, it.sha256, it.report?.types ?? null])
}

/** The id of an export that nothing but its content tells. */
export function contentId({ source, group, exportTime, tracked }: PlannedExport, files: readonly StoredFile[]): string {
  const known = [source, tracked ? [group, exportTime] : null]
  return hashOfList(known, files, (it) => [it.relative, it.sha256]).slice(0, 32)
}

const enough = 1 << 16

/** `sha256([...values, files.map(of)])`, without that text: a million files do not fit into one. */
function hashOfList(values: readonly unknown[], files: readonly StoredFile[], of: (file: StoredFile) => unknown): string {
  const hash: Hash = createHash('sha256')
  let text = `[${values.map((value) => JSON.stringify(value)).join(',')},[`
  for (const [index, file] of files.entries()) {
    text += (index === 0 ? '' : ',') + JSON.stringify(of(file))
    if (text.length < enough) continue
    hash.update(text)
    text = ''
  }
  return hash.update(`${text}]]`).digest('hex')
}
