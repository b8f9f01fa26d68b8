import { mkdir, readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { DAY, type Minutes, minutesOf } from './clock.ts'
import { SynthesisError } from './errors.ts'
import type { SynthesizeOptions } from './options.ts'
import { mix, Random } from './random.ts'
import { Recorder } from './recorder.ts'
import { type Compression, ExportWriter } from './writer.ts'

/** Id of the Group that everybody is a member of. */
export const GROUP = 'demo'

/** One export while it is being written. */
export interface Export {
  readonly folder: string
  readonly writer: ExportWriter
  readonly recorder: Recorder
  readonly transactionTime: string
  readonly until: Minutes
}

/** What was asked for, with defaults, and where it goes. */
export interface Run extends Required<Omit<SynthesizeOptions, 'later' | 'onProgress' | 'signal'>> {
  readonly root: Random
  readonly asOfMinutes: Minutes
  readonly first: Export
  readonly later: Export | undefined
}

export const unwritable = (folder: string, cause: unknown): SynthesisError =>
  new SynthesisError(
    'failed',
    `the population cannot be written to ${folder}: ${cause instanceof Error ? cause.message : cause}`,
    {
      hint: 'check the space on the disk and who may write there',
      cause,
      exitCode: 1,
    },
  )

async function emptyFolder(folder: string): Promise<void> {
  const present = await mkdir(folder, { recursive: true, mode: 0o700 })
    .then(() => readdir(folder))
    .catch((error: unknown) => Promise.reject(unwritable(folder, error)))
  if (present.length > 0) {
    throw new SynthesisError('usage', `${folder} is not empty`, { hint: 'name a new folder, or remove this one', exitCode: 2 })
  }
}

async function startExport(
  folder: string,
  options: { compress: Compression; fileBytes: number; root: Random; from: Minutes; until: Minutes; transactionTime: string },
): Promise<Export> {
  const { compress, fileBytes, root, from, until, transactionTime } = options
  await emptyFolder(folder)
  const writer = new ExportWriter({ folder, compression: compress, fileBytes })
  return { folder, writer, recorder: new Recorder({ sink: writer, from, until, random: root.fork(1) }), transactionTime, until }
}

function usage(message: string): SynthesisError {
  return new SynthesisError('usage', message, { exitCode: 2 })
}

/** Checks the options, makes the folders, and opens what is written to. */
export async function prepare(options: SynthesizeOptions): Promise<Run> {
  const {
    patients,
    out,
    seed = 1,
    laterDays = 90,
    asOf = '2026-11-01T06:00:00.000Z',
    years = 6,
    compress = 'none',
    fileBytes = 100_000_000,
  } = options
  const baseUrl = (options.baseUrl ?? 'https://ehr.example.org/fhir').replace(/\/+$/, '')
  if (!Number.isInteger(patients) || patients < 1) throw usage(`patients must be a whole number of at least 1, not ${patients}`)
  if (!Number.isInteger(seed)) throw usage(`seed must be a whole number, not ${seed}`)
  if (!(years > 0 && years <= 30)) throw usage(`years must be above 0 and at most 30, not ${years}`)
  if (options.later !== undefined && resolve(options.later) === resolve(out))
    throw usage('the second export needs a folder of its own')
  const asOfMinutes = minutesOf(asOf)
  if (Number.isNaN(asOfMinutes)) throw usage(`asOf must be an ISO 8601 time, not ${asOf}`)
  if (!/^https?:\/\//.test(baseUrl) || !URL.canParse(baseUrl)) throw usage(`baseUrl must be an http(s) address, not ${baseUrl}`)
  const root = new Random(mix(seed | 0, Math.floor(seed / 4294967296)))
  const common = { compress, fileBytes, root }
  const time = Date.parse(asOf)
  const first = await startExport(out, {
    ...common,
    from: Number.NEGATIVE_INFINITY,
    until: asOfMinutes,
    transactionTime: new Date(time).toISOString(),
  })
  const until = asOfMinutes + laterDays * DAY
  const laterTime = new Date(time + laterDays * 86_400_000).toISOString()
  const later =
    options.later === undefined
      ? undefined
      : await startExport(options.later, { ...common, from: asOfMinutes, until, transactionTime: laterTime })
  return { patients, out, seed, laterDays, asOf, years, compress, fileBytes, baseUrl, root, asOfMinutes, first, later }
}
