import { mkdir, open, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isBlankLine, lineText, openLines } from '@floe/client/ndjson'
import type { Pin, Provider } from '@floe/lake'
import { FloeError } from '../../errors.ts'
import type { Refused } from './outcomes.ts'
import type { ImportMode } from './spec.ts'
import type { StagedInput } from './stage.ts'

export interface ModeRun {
  readonly mode: ImportMode
  readonly provider: Provider
  readonly pin: Pin
  readonly maxLine: number
  /** Time of the deletions of `overwrite`. */
  readonly time: string
  readonly source: string
  readonly signal: AbortSignal
}

export interface Prepared {
  /** The folder to load. */
  readonly dir: string
  readonly staged: readonly StagedInput[]
  /** Lines that were not taken, by file: refused, or (`ignore`) skipped. */
  readonly refused: ReadonlyMap<string, readonly Refused[]>
  readonly skipped: ReadonlyMap<string, number>
}

/** Ids that are looked up at a time. */
const batch = 5000
const entriesOfBundle = 1000

/** Makes of the staged inputs what is loaded under a mode. */
export async function prepared(run: ModeRun, dir: string, staged: readonly StagedInput[]): Promise<Prepared> {
  const as = { dir, staged, refused: new Map(), skipped: new Map() }
  switch (run.mode) {
    case 'merge':
      return as
    case 'error':
      await needEmpty(run, staged)
      return as
    case 'overwrite':
      await writeDeletions(run, dir, staged)
      return as
    default:
      return await withoutKnown(run, dir, staged)
  }
}

async function needEmpty({ provider, pin }: ModeRun, staged: readonly StagedInput[]): Promise<void> {
  for (const type of new Set(staged.flatMap(({ input }) => input.type ?? []))) {
    if (await holdsType(provider, pin, type)) throw new FloeError('usage', `The lake holds ${type} already.`, { exitCode: 2 })
  }
}

export async function holdsType(provider: Provider, pin: Pin, type: string): Promise<boolean> {
  return (await provider.units(pin, type)).some(({ rows }) => rows > 0)
}

/** The inputs again in a folder beside, with blank lines for those whose id is known: line numbers stay. */
async function withoutKnown(run: ModeRun, from: string, staged: readonly StagedInput[]): Promise<Prepared> {
  const dir = join(dirname(from), 'chosen')
  await rm(dir, { recursive: true, force: true })
  await mkdir(join(dir, 'deleted'), { recursive: true, mode: 0o700 })
  const refused = new Map<string, Refused[]>()
  const skipped = new Map<string, number>()
  const chosen: StagedInput[] = []
  for (const one of staged) {
    if (one.file === undefined) {
      chosen.push(one)
      continue
    }
    const file = one.file.replace(/\.(gz|zst)$/, '')
    const known = await copyUnknown(run, join(from, one.file), join(dir, file)).catch(async (error: unknown) => {
      run.signal.throwIfAborted()
      // A full disk says nothing of the input.
      if ((error as { code?: unknown }).code === 'ENOSPC') throw error
      await rm(join(dir, file), { force: true })
      return undefined
    })
    if (known === undefined) {
      chosen.push({ ...one, file: undefined, problem: 'it is damaged, or its end is missing', lines: 0 })
      continue
    }
    if (run.mode === 'ignore') skipped.set(file, known.length)
    else if (known.length > 0) refused.set(file, known)
    chosen.push({ ...one, file })
  }
  return { dir, staged: chosen, refused, skipped }
}

interface Waiting {
  readonly text: Buffer
  readonly line: number
  readonly type: string
  readonly id: string
}

async function copyUnknown(run: ModeRun, from: string, to: string): Promise<Refused[]> {
  const known: Refused[] = []
  await using target = await open(to, 'w', 0o600)
  let waiting: Waiting[] = []
  const flush = async (): Promise<void> => {
    const there = await knownOf(run, waiting)
    const lines = waiting.map(({ text, line, type, id }) => {
      if (!there.has(`${type}/${id}`)) return text
      known.push({ line, reason: 'exists', id: `${type}/${id}` })
      return Buffer.alloc(0)
    })
    await target.writeFile(Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')])))
    waiting = []
    run.signal.throwIfAborted()
  }
  let bytes = 0
  for await (const { bytes: line, number } of openLines(from, { maxLineBytes: 16 * run.maxLine })) {
    waiting.push({ text: Buffer.from(line), line: number, ...keyOf(line) })
    bytes += line.length
    if (waiting.length < batch && bytes < 32 * 1024 * 1024) continue
    await flush()
    bytes = 0
  }
  await flush()
  return known
}

function keyOf(line: Buffer): { type: string; id: string } {
  try {
    const { resourceType, id } = (isBlankLine(line) ? {} : JSON.parse(lineText(line))) as { resourceType?: unknown; id?: unknown }
    const good = typeof resourceType === 'string' && /^[A-Z][A-Za-z]{0,63}$/.test(resourceType) && typeof id === 'string'
    return good && /^[A-Za-z0-9.-]{1,64}$/.test(id) ? { type: resourceType, id } : { type: '', id: '' }
  } catch {
    // For the loader to refuse.
    return { type: '', id: '' }
  }
}

async function knownOf({ provider, pin }: ModeRun, lines: readonly Waiting[]): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const [type, some] of Map.groupBy(lines, (line) => line.type)) {
    if (type === '') continue
    const ids = await provider.held(
      pin,
      type,
      Array.from(some, ({ id }) => id),
    )
    for (const id of ids) found.add(`${type}/${id}`)
  }
  return found
}

/** Bundles of deletions for what was imported of these types before and is in no input. */
async function writeDeletions(run: ModeRun, dir: string, staged: readonly StagedInput[]): Promise<void> {
  const { provider, pin, source, time, signal } = run
  for (const [type, inputs] of Map.groupBy(staged, ({ input }) => input.type ?? '')) {
    // An input that cannot be read says nothing of what it would have held.
    if (type === '' || inputs.some(({ file }) => file === undefined)) continue
    const list = join(dirname(dir), `ids.${type}`)
    const whole = await writeIds(
      inputs.map(({ file }) => join(dir, file ?? '')),
      list,
      run,
    )
    if (!whole) continue
    await using target = await open(join(dir, 'deleted', `overwritten.${type}.ndjson`), 'w', 0o600)
    let urls: string[] = []
    let some = false
    const flush = async (): Promise<void> => {
      const entry = urls.map((url) => ({ request: { method: 'DELETE', url } }))
      some ||= entry.length > 0
      if (entry.length > 0)
        await target.writeFile(
          `${JSON.stringify({ resourceType: 'Bundle', type: 'transaction', meta: { lastUpdated: time }, entry })}\n`,
        )
      urls = []
    }
    for await (const rows of provider.absent(pin, { type, source, idsFile: list }, signal)) {
      for (const { id } of rows) {
        urls.push(`${type}/${id}`)
        if (urls.length >= entriesOfBundle) await flush()
      }
    }
    await flush()
    if (!some) await rm(join(dir, 'deleted', `overwritten.${type}.ndjson`))
    await rm(list)
  }
}

/** False where an input is damaged: then nobody knows what it would have held. */
async function writeIds(files: readonly string[], list: string, { maxLine, signal }: ModeRun): Promise<boolean> {
  await using target = await open(list, 'w', 0o600)
  try {
    for (const file of files) {
      let text = ''
      for await (const { bytes } of openLines(file, { maxLineBytes: 16 * maxLine })) {
        const { id } = keyOf(bytes)
        if (id !== '') text += `${id}\n`
        if (text.length < 1024 * 1024) continue
        await target.writeFile(text)
        text = ''
        signal.throwIfAborted()
      }
      await target.writeFile(text)
    }
    return true
  } catch (error) {
    signal.throwIfAborted()
    if ((error as { code?: unknown }).code === 'ENOSPC') throw error
    return false
  }
}
