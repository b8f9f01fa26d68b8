import { existsSync } from 'node:fs'
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Compression } from '@floe/client'
import { isBlankLine, lineText, openDecompressed, openLines, splitLines } from '@floe/client/ndjson'
import { resourceTypes } from '@floe/views/fhir'
import { type FetchOptions, fetchInput, InputError } from './fetch-input.ts'
import { LineTypes } from './line-types.ts'
import type { ImportInput, ImportSpec } from './spec.ts'
import { stagedName } from './upload.ts'

/** An input as it lies in the folder that is loaded, or why it does not. */
export interface StagedInput {
  readonly input: ImportInput
  /** Relative to the folder; undefined for an input that cannot be read. */
  readonly file: string | undefined
  readonly problem: string | undefined
  /** Lines that are not blank. */
  readonly lines: number
  /** Declared, or of all its lines; null where they differ. */
  readonly type: string | null
}

export interface StageOptions extends FetchOptions {
  /** Longest line that is looked into. */
  readonly maxLine: number
}

interface Looked extends Pick<StagedInput, 'lines' | 'type'> {
  /** Each line begins by saying this type. */
  readonly certain: boolean
}

interface Packing {
  /** First bytes as hex. */
  readonly magic: string
  readonly ending: string
  readonly compression: Compression
}

const plain: Packing = { magic: '', ending: '', compression: 'none' }
const packings: readonly Packing[] = [
  { magic: '1f8b', ending: '.gz', compression: 'gzip' },
  { magic: '28b52ffd', ending: '.zst', compression: 'zstd' },
]

/** Brings all inputs into one folder, as `floe load` reads it. What is there from an earlier attempt stays. */
export async function stageInputs(
  spec: ImportSpec,
  jobsDir: string,
  options: StageOptions,
): Promise<{ dir: string; staged: StagedInput[] }> {
  const from = join(jobsDir, spec.stage)
  const dir = join(from, 'load')
  await mkdir(join(dir, 'deleted'), { recursive: true, mode: 0o700 })
  const staged: StagedInput[] = []
  for (const [index, input] of spec.inputs.entries()) {
    options.signal.throwIfAborted()
    try {
      const file = (await placed(dir, index)) ?? (await place({ spec, input, index, from, dir, options }))
      const { certain, ...looked } = await look(join(dir, file), input.type, options).catch(async (error: unknown) => {
        await rm(join(dir, file), { force: true })
        throw error
      })
      staged.push({ input, file: certain ? await named(dir, file, looked.type) : file, problem: undefined, ...looked })
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      staged.push({ input, file: undefined, problem: error.message, lines: 0, type: input.type ?? null })
    }
  }
  return { dir, staged }
}

async function placed(dir: string, index: number): Promise<string | undefined> {
  const mine = (name: string): boolean => name.startsWith(`${stagedName(index)}.`)
  const top = (await readdir(dir)).find(mine)
  const deleted = (await readdir(join(dir, 'deleted'))).find(mine)
  return top ?? (deleted === undefined ? undefined : `deleted/${deleted}`)
}

/**
 * A file whose lines are all of one type gets a name that says so: the loader reads it as it is instead of sorting its lines into
 * files.
 */
async function named(dir: string, file: string, type: string | null): Promise<string> {
  const [number = '', ...rest] = file.split('.')
  if (type === null || file.includes('/') || rest.includes(type) || !resourceTypes.has(type)) return file
  const name = [number, type, ...rest].join('.')
  await rename(join(dir, file), join(dir, name))
  return name
}

interface Placing {
  readonly spec: ImportSpec
  readonly input: ImportInput
  readonly index: number
  readonly from: string
  readonly dir: string
  readonly options: StageOptions
}

/** Gets the bytes, and gives the file the name that says type and packing. */
async function place({ spec, input, index, from, dir, options }: Placing): Promise<string> {
  const bytes = join(from, input.staged ?? stagedName(index))
  if (input.staged === undefined) {
    await fetchInput(input, `${bytes}.part`, options)
    await rename(`${bytes}.part`, bytes)
  } else if (!existsSync(bytes)) throw new InputError('the upload is not there any more')
  const { ending, compression } = await packingOf(bytes)
  const deletions = await holdsDeletions(bytes, compression)
  if (deletions && !spec.mayDelete) throw new InputError('it holds deletions, and the token gives no right to delete')
  const name = `${stagedName(index)}.${input.type === undefined || deletions ? '' : `${input.type}.`}ndjson${ending}`
  const file = deletions ? `deleted/${name}` : name
  // One step: whatever ends the server, the bytes are in one of both places.
  await rename(bytes, join(dir, file))
  return file
}

async function packingOf(path: string): Promise<Packing> {
  const handle = await open(path, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0)
    const start = buffer.subarray(0, bytesRead).toString('hex')
    return packings.find(({ magic }) => start.startsWith(magic)) ?? plain
  } finally {
    await handle.close()
  }
}

/** The first line is a Bundle of deletions. */
async function holdsDeletions(path: string, compression: Compression): Promise<boolean> {
  try {
    for await (const { bytes } of splitLines(openDecompressed(path, compression))) {
      if (isBlankLine(bytes)) continue
      const bundle = JSON.parse(lineText(bytes)) as { resourceType?: unknown; entry?: unknown }
      const entries: unknown[] = bundle.resourceType === 'Bundle' && Array.isArray(bundle.entry) ? bundle.entry : []
      return entries.some((entry) => (entry as { request?: { method?: unknown } } | null)?.request?.method === 'DELETE')
    }
  } catch {
    // What cannot be read is for the loader to tell, line by line.
  }
  return false
}

/**
 * Counts lines; where no type was declared, finds the one that all lines have. A few MB of gzip may unpack to a line of
 * terabytes: nothing is gathered before it is known to be short enough.
 */
async function look(path: string, declared: string | undefined, { maxBytes, maxLine }: StageOptions): Promise<Looked> {
  const seen = new LineTypes()
  try {
    for await (const chunk of openDecompressed(path)) {
      seen.push(chunk as Buffer)
      if (seen.bytes > maxBytes) throw new InputError('it is longer than this server takes')
    }
  } catch (error) {
    // A cut archive: the lines before the cut count.
    if (error instanceof InputError) throw error
  }
  const { lines, types, unclear } = seen.end()
  if (declared !== undefined) return { lines, type: declared, certain: true }
  if (types.length > 1) return { lines, type: null, certain: false }
  return unclear
    ? { lines, type: await typeOfLines(path, maxLine), certain: false }
    : { lines, type: types[0] ?? null, certain: types.length === 1 }
}

async function typeOfLines(path: string, maxLine: number): Promise<string | null> {
  const types = new Set<unknown>()
  try {
    for await (const { bytes } of openLines(path, { maxLineBytes: maxLine })) {
      if (!isBlankLine(bytes)) types.add(typeOfLine(bytes))
      if (types.size > 1) return null
    }
  } catch {
    // The same, or a line that is too long.
  }
  const [only] = types
  return typeof only === 'string' ? only : null
}

function typeOfLine(bytes: Buffer): unknown {
  try {
    return (JSON.parse(lineText(bytes)) as { resourceType?: unknown } | null)?.resourceType
  } catch {
    return undefined
  }
}
