import { renameSync } from 'node:fs'
import { join } from 'node:path'
import { BulkError } from '../errors.ts'
import type { EventDetails } from '../events.ts'
import { partSuffix } from '../folder/names.ts'
import type { FileDone, FileState } from '../folder/state.ts'
import type { Connection } from '../http/connection.ts'
import type { Hosts, RateLimit } from '../http/hosts.ts'
import { TransportError } from '../http/http.ts'
import { retryDelay } from '../http/retry.ts'
import { compressionOf } from '../ndjson.ts'
import type { Compression } from '../types.ts'
import { ContentCheck } from './content-check.ts'
import { damaged, diskFailure, isDiskError } from './disk-errors.ts'
import { countHeaderLines } from './header-lines.ts'
import { openSink, reopenSink, type Sink } from './sink.ts'
import { FileRefused, freshWire, MustRestart, openTransfer, type WireState } from './transfer.ts'

/** Where a file is now and whether the token goes there. */
export interface FileSource {
  url: string
  token: boolean
}

export interface DownloadContext {
  connection: Connection
  hosts: Hosts
  rateLimit: RateLimit | undefined
  folder: string
  compress: Compression
  retries: number
  retryMaxTimeMs: number
  pollMaxMs: number
  allowCountMismatch: boolean
  noRange: boolean
  signal: AbortSignal | undefined
  /** The file's current address. */
  source(file: FileState): FileSource
  /** Asks the server for the manifest again; false when that brings nothing new. */
  refreshSources(file: FileState, usedUrl: string, reason: string): Promise<boolean>
  ensureSpace(bytes: number): Promise<void>
  emit: {
    progress(detail: EventDetails['download_progress']): void
    retry(detail: EventDetails['download_retry']): void
    resume(detail: EventDetails['download_resume']): void
    notice(message: string): void
    /** Resolves once the row is in the log: the record by which a crash after it is recovered. */
    complete(detail: EventDetails['download_complete']): Promise<void>
  }
}

/** Why a file did not come; the others go on. */
export class DownloadFailure extends Error {
  override readonly name = 'DownloadFailure'
  readonly status: number | null
  readonly headers: Record<string, string>

  constructor(message: string, cause: unknown) {
    super(message, { cause })
    this.status = cause instanceof FileRefused || cause instanceof TransportError ? cause.status : null
    this.headers = cause instanceof FileRefused ? cause.headers : {}
  }
}

export interface DownloadResult {
  done: FileDone
  /** Lines differ from the manifest's count, and that was allowed. */
  countMismatch: boolean
}

/** The bytes came whole, but are not what the manifest says. */
class WrongContent extends Error {
  override readonly name = 'WrongContent'
}

/** Such a file is asked for once more, in case a transfer without a length was cut, then it is the server's own. */
const wrongContentTries = 2
const refreshTries = 2
/** The disk is looked at again after this much of a file. */
const spaceCheckBytes = 256 << 20
/** An attempt that went on by Range and brought this much does not count against the retries. */
const progressBytes = 1 << 20

/**
 * Brings one file into the folder: verified, durable, under its final name; or throws DownloadFailure or a BulkError that ends
 * the run.
 */
export async function downloadFile(context: DownloadContext, file: FileState): Promise<DownloadResult> {
  const attempt = new Attempt(context, file)
  try {
    await attempt.takeUp()
    for (;;) {
      try {
        return await attempt.run()
      } catch (cause) {
        await attempt.recover(cause)
      }
    }
  } finally {
    await attempt.suspend()
  }
}

/** The tries of one file: what is kept from one to the next, and how often. */
class Attempt {
  readonly #context: DownloadContext
  readonly #file: FileState
  readonly #started: number
  #wire: WireState = freshWire()
  #sink: Sink | undefined
  /** A first byte that came alone: it does not tell whether the file is compressed. */
  #alone: Buffer | undefined
  #check = new ContentCheck()
  #url = ''
  #identity = false
  #attempts = 0
  #failures = 0
  #failingSince = 0
  #wrong = 0
  #refreshes = 0
  #attemptStart = 0
  #lastProgress = 0
  #wireBytes = 0

  constructor(context: DownloadContext, file: FileState) {
    this.#context = context
    this.#file = file
    this.#started = context.connection.timing.now()
  }

  /** Goes on with what an interrupted run left, where that is still there. */
  async takeUp(): Promise<void> {
    const { partial, path } = this.#file
    const { folder, compress, noRange } = this.#context
    this.#file.partial = undefined
    if (partial === undefined || compress !== 'none' || noRange) return
    const onContent = (content: Uint8Array): void => this.#check.push(content)
    this.#sink = await reopenSink({ path: `${join(folder, path)}${partSuffix}`, onContent }, partial.bytes)
    if (this.#sink === undefined) return
    this.#wire = {
      received: partial.bytes,
      validator: partial.validator,
      contentEncoding: null,
      totalBytes: partial.totalBytes,
      sha256: null,
    }
  }

  /** Leaves what came for the next run, where the server offered a way to go on; else lets go of it. */
  async suspend(): Promise<void> {
    const { received, validator, totalBytes } = this.#wire
    const sink = this.#sink
    if (sink?.suspend === undefined || validator === null || received === 0 || this.#context.noRange) return this.#close()
    this.#sink = undefined
    try {
      const bytes = await sink.suspend()
      if (bytes === received) this.#file.partial = { bytes, validator, totalBytes }
    } catch {
      // A disk that does not take it: the file begins anew.
      await sink.abandon()
    }
  }

  async run(): Promise<DownloadResult> {
    const { connection, hosts, noRange, signal } = this.#context
    const { url, token } = this.#context.source(this.#file)
    this.#url = url
    this.#attempts += 1
    this.#attemptStart = this.#wire.received
    const bring = await openTransfer({ connection, hosts, url, token, noRange, identity: this.#identity, signal }, this.#wire)
    if (this.#attemptStart > 0) this.#context.emit.resume({ path: this.#file.path, offset: this.#attemptStart })
    else await this.#context.ensureSpace(this.#wire.totalBytes ?? 0)
    await bring((chunk) => this.#take(chunk))
    return this.#finish()
  }

  /** Kept free of promises where nothing has to be waited for: it runs for each piece of the export. */
  #take(chunk: Buffer): Promise<void> | undefined {
    if (this.#sink === undefined) return this.#takeFirst(Buffer.from(chunk))
    const written = this.#sink.write(chunk)
    this.#wireBytes += chunk.length
    this.#progress()
    const spaceDue = this.#wire.received % spaceCheckBytes < chunk.length
    return written === undefined && this.#context.rateLimit === undefined && !spaceDue
      ? undefined
      : this.#settle(written, chunk.length, spaceDue)
  }

  async #takeFirst(chunk: Buffer): Promise<void> {
    const first = this.#alone === undefined ? chunk : Buffer.concat([this.#alone, chunk])
    this.#alone = first.length < 2 ? first : undefined
    if (this.#alone === undefined) await this.#begin(first)
  }

  async #begin(first: Buffer): Promise<void> {
    this.#sink = await this.#openSink(first)
    await this.#take(first)
  }

  async #settle(written: Promise<void> | undefined, bytes: number, spaceDue: boolean): Promise<void> {
    const { rateLimit, signal, ensureSpace } = this.#context
    try {
      await written
    } catch (cause) {
      throw damaged(cause)
    }
    await rateLimit?.take(bytes, signal)
    if (spaceDue) await ensureSpace(0)
  }

  /** Files stored compressed are served as they are, without a content coding: their first bytes tell. */
  #openSink(first: Buffer | undefined): Promise<Sink> {
    const coded = this.#wire.contentEncoding ?? 'identity'
    if (!['identity', 'gzip', 'x-gzip'].includes(coded))
      throw new WrongContent(`the file came in the coding "${coded.slice(0, 20)}", which was not asked for`)
    const magic = first?.[0] === 0x1f && first[1] === 0x8b
    this.#check = new ContentCheck()
    return openSink({
      path: `${join(this.#context.folder, this.#file.path)}${partSuffix}`,
      coding: magic || (coded !== 'identity' && first !== undefined) ? 'gzip' : 'identity',
      compress: this.#context.compress,
      onContent: (content) => this.#check.push(content),
    })
  }

  #progress(): void {
    const now = this.#context.connection.timing.now()
    if (now - this.#lastProgress < 250) return
    this.#lastProgress = now
    const { path, itemType, type } = this.#file
    this.#context.emit.progress({
      path,
      itemType,
      resourceType: type,
      bytes: this.#wire.received,
      totalBytes: this.#wire.totalBytes,
      lines: this.#sink?.lines ?? 0,
    })
  }

  async #finish(): Promise<DownloadResult> {
    const { folder, allowCountMismatch, emit, connection } = this.#context
    const { path, count } = this.#file
    if (this.#alone !== undefined) await this.#begin(this.#alone)
    this.#sink ??= await this.#openSink(undefined)
    let done: FileDone
    try {
      done = await this.#sink.finish()
    } catch (cause) {
      throw damaged(cause)
    }
    this.#sink = undefined
    const { sha256 } = this.#wire
    // The digest is of the body before content codings were undone, except where there was none.
    if (sha256 !== null && this.#wire.contentEncoding === null && done.contentSha256 !== sha256) {
      throw new MustRestart("the file is not what the server's digest says")
    }
    const wrong = this.#check.problem(this.#file)
    if (wrong !== null) throw new WrongContent(wrong)
    if (count !== null && (await this.#isHeaders(done.lines - count))) done = { ...done, lines: count }
    const countMismatch = count !== null && count !== done.lines
    // Outcomes are no data: a server that counts the resources that it lost (seen with the SMART server) must not cost all others.
    const kept = allowCountMismatch || this.#file.itemType === 'error'
    if (countMismatch && (!kept || this.#wrong + 1 < wrongContentTries)) {
      throw new WrongContent(`it has ${done.lines} resources, the manifest says ${count}`)
    }
    if (this.#check.breaksOff() && (!kept || this.#wrong + 1 < wrongContentTries)) {
      throw new WrongContent('its last line breaks off')
    }
    const odd = this.#check.otherType(this.#file)
    if (odd !== null) emit.notice(`${path} holds ${odd}, the manifest says ${this.#file.type}`)
    await emit.complete({
      fileUrl: connection.redactor.fileUrl(this.#url),
      fileSize: done.contentBytes,
      resourceCount: done.lines,
      path,
      bytes: done.bytes,
      wireBytes: this.#wireBytes,
      sha256: done.sha256,
      contentSha256: done.contentSha256,
      contentEncoding: this.#wire.contentEncoding,
      lines: done.lines,
      count,
      attempts: this.#attempts,
      durationMs: connection.timing.now() - this.#started,
    })
    // The commit point of a file. The record in the log came first: a crash between the two is mended by the next run's rename.
    renameSync(`${join(folder, path)}${partSuffix}`, join(folder, path))
    return { done, countMismatch }
  }

  /** Whether so many lines too many are the headers of organised output: they hold no resource. */
  async #isHeaders(surplus: number): Promise<boolean> {
    const { path, type } = this.#file
    if (type !== 'Resources' || surplus <= 0) return false
    return (await countHeaderLines(`${join(this.#context.folder, path)}${partSuffix}`, compressionOf(path))) === surplus
  }

  /** Decides what follows a failure: returns to try again, throws to give up. */
  async recover(cause: unknown): Promise<void> {
    // Nothing is wrong with what has come when the server, the network or the user stopped it.
    const harmless = cause instanceof TransportError || cause instanceof FileRefused || cause instanceof BulkError
    const goesOn = harmless && this.#wire.validator !== null && this.#wire.received > 0 && !this.#context.noRange
    if (!goesOn) await this.#restart()
    if (cause instanceof BulkError) throw cause
    if (isDiskError(cause)) throw diskFailure(cause, this.#file.path)
    if (cause instanceof FileRefused) return this.#recoverRefusal(cause)
    if (cause instanceof WrongContent) {
      this.#wrong += 1
      if (this.#wrong >= wrongContentTries) throw new DownloadFailure(`${this.#file.path}: ${cause.message}`, cause)
    } else if (!(cause instanceof TransportError || cause instanceof MustRestart)) throw cause
    if (cause instanceof TransportError && cause.kind === 'tls')
      throw new DownloadFailure(`${this.#file.path}: ${cause.message}`, cause)
    await this.#backOff(cause)
  }

  async #recoverRefusal(cause: FileRefused): Promise<void> {
    const { refreshSources } = this.#context
    const expired = [401, 403, 404, 410].includes(cause.status) && !(cause.status === 401 && cause.authorized)
    if (expired && this.#refreshes < refreshTries && this.#failures < this.#context.retries) {
      this.#refreshes += 1
      if (await refreshSources(this.#file, this.#url, `a link was answered with ${cause.status}`)) return this.#backOff(cause)
    }
    const why = `${this.#file.path}: ${cause.message}${this.#untrusted(cause)}`
    if (cause.status === 401) {
      const hint = 'Check the authentication options, then resume.'
      throw new BulkError({ code: 'auth', status: 401, message: why, hint, cause })
    }
    throw new DownloadFailure(why, cause)
  }

  /** Says when the server wants a token that was held back. */
  #untrusted({ status, authorized }: FileRefused): string {
    const { connection, source } = this.#context
    const heldBack =
      (status === 401 || status === 403) && !authorized && source(this.#file).token && !connection.trusts(this.#url)
    if (!heldBack || connection.tokens === undefined) return ''
    const { origin } = new URL(this.#url)
    return `. The token was not sent there: ${origin} is not trusted (--trust-origin ${origin})`
  }

  async #backOff(cause: Error): Promise<void> {
    const { connection, emit, retries, retryMaxTimeMs, pollMaxMs, signal } = this.#context
    const { timing } = connection
    if (this.#failures === 0 || this.#wire.received - this.#attemptStart >= progressBytes) {
      this.#failures = 0
      this.#failingSince = timing.now()
    }
    this.#failures += 1
    if (this.#failures > retries || timing.now() - this.#failingSince >= retryMaxTimeMs) {
      throw new DownloadFailure(`${this.#file.path}: ${cause.message} (tried ${this.#attempts} times)`, cause)
    }
    const retryAfterMs = cause instanceof TransportError ? cause.retryAfterMs : null
    const delayMs = retryDelay({ attempt: this.#failures, retryAfterMs, maxMs: pollMaxMs, random: timing.random() })
    const code = cause instanceof TransportError || cause instanceof FileRefused ? cause.status : null
    emit.retry({ path: this.#file.path, attempt: this.#attempts, code, message: cause.message, delayMs })
    await timing.sleep(delayMs, signal)
  }

  async #restart(): Promise<void> {
    await this.#close()
    // Many servers give ranges of plain files only: after a compressed one broke, plain is what can be finished.
    if (this.#wire.contentEncoding !== null && this.#wire.received > 0) this.#identity = true
    this.#alone = undefined
    this.#wire = freshWire()
  }

  async #close(): Promise<void> {
    await this.#sink?.abandon()
    this.#sink = undefined
  }
}
