import { dirname, join } from 'node:path'
import { type CopyWriter, openCopy, syncFolder } from './copy.ts'
import { copyOf } from './paths-of.ts'
import { ofDocument, ofLine, type StateDocument, toDocument, toLine } from './state-text.ts'
import type { BronzeState, StoredFile } from './state-types.ts'
import { textLines } from './text-lines.ts'
import type { BronzeShape } from './types.ts'

/** Of an export with more files the state is written in lines; the lake then says that it needs a reader of these. */
export const documentFiles = 1000

const stateName = 'floe-bronze.json'

/** The state of a bronze folder; undefined where there is none that can be read: the export is then registered anew. */
export async function readBronzeState(dir: string): Promise<BronzeState | undefined> {
  return await readState(dir, () => true)
}

/** The state of a bronze folder if it is that of this export. */
export async function readStateOf(dir: string, exportId: string): Promise<BronzeState | undefined> {
  return await readState(dir, ({ identity }) => identity.exportId === exportId)
}

async function readState(dir: string, wanted: (head: Head) => boolean): Promise<BronzeState | undefined> {
  const texts = textLines(join(dir, stateName))
  try {
    const first = await texts.next()
    const head = JSON.parse(first.value ?? '') as StateDocument | LinesHead
    if (!wanted(head)) return undefined
    if (head.format === 1) return { ...head, files: ofDocument(head.files) }
    if (head.format !== 2) return undefined
    const { fileCount, root, ...rest } = head
    const files: StoredFile[] = []
    const read = ofLine(root)
    for await (const text of texts) files.push(read(text))
    return files.length === fileCount ? { ...rest, files } : undefined
  } catch {
    return undefined
  } finally {
    await texts.return(undefined).catch(() => undefined)
  }
}

type Head = Omit<BronzeState, 'files'>

/** The first line of format 2. */
interface LinesHead extends Head {
  readonly format: 2
  readonly fileCount: number
  /** Of all files whose line names none. */
  readonly root: string
}

/** Replaces the state at once, after all else. The commit point of a registration: files without a state are written again. */
export async function writeBronzeState(dir: string, state: BronzeState): Promise<void> {
  const folders = new Set<string>()
  for (const file of state.files) folders.add(dirname(copyOf(file)))
  for (const folder of folders) await syncFolder(join(dir, folder))
  const copy = await openCopy(join(dir, stateName), 'none')
  try {
    if (state.format === 1) await copy.write(Buffer.from(`${JSON.stringify(toDocument(state))}\n`))
    else await writeLines(copy, state)
    await copy.finish()
    await syncFolder(dir)
  } catch (error) {
    await copy.abort()
    throw error
  }
}

async function writeLines(copy: CopyWriter, { files, ...rest }: BronzeState): Promise<void> {
  const root = files[0]?.root ?? ''
  const head: LinesHead = { ...rest, format: 2, fileCount: files.length, root }
  let text = `${JSON.stringify(head)}\n`
  for (const file of files) {
    text += `${toLine(file, root)}\n`
    if (text.length < 1 << 20) continue
    await copy.write(Buffer.from(text))
    text = ''
  }
  await copy.write(Buffer.from(text))
}

/** Both shapes together, with the order of the first; what is new stands behind its neighbour in the second. */
export function mergeShapes(a: BronzeShape | undefined, b: BronzeShape): BronzeShape {
  if (a === undefined || a === b) return b
  if (typeof a === 'string' || typeof b === 'string') return a === 'long' || b === 'long' ? 'long' : a
  if ('list' in a) return 'list' in b ? { list: mergeShapes(a.list, b.list) } : a
  return 'struct' in b ? mergeStructs(a, b) : a
}

type Struct = { readonly struct: Readonly<Record<string, BronzeShape>> }

/** `mergeShapes` of two structs. */
export function mergeStructs(a: Struct, b: Struct): Struct {
  const names = Object.keys(a.struct)
  let at = 0
  for (const name of Object.keys(b.struct)) {
    const known = names.indexOf(name)
    if (known < 0) names.splice(at, 0, name)
    at = (known < 0 ? at : known) + 1
  }
  const merged: Record<string, BronzeShape> = {}
  for (const name of names) {
    const other = b.struct[name]
    merged[name] = other === undefined ? (a.struct[name] as BronzeShape) : mergeShapes(a.struct[name], other)
  }
  return { struct: merged }
}
