import type { FileState } from '../folder/state.ts'
import { isRecord, parseJson } from '../http/server-message.ts'

/** Looked at from the start of a file; a longer first line is not parsed. */
const headBytes = 256 * 1024

/** A longer last line without an end is not parsed; only its last byte is looked at. */
const tailBytes = 8 << 20

/**
 * Looks at the first line of a file: a log-in page or an error that came with status 200 must not pass for data; and at a last
 * line without an end: a body that broke off inside of it has as many lines as the whole one.
 */
export class ContentCheck {
  #open: Buffer[] = []
  #openBytes = 0
  #head: Buffer[] = []
  #size = 0
  #closed = false
  #goesOn = false

  push(chunk: Uint8Array): void {
    this.#pushTail(chunk)
    if (this.#closed) return
    // Copied: the chunk's memory belongs to the stream.
    const part = Buffer.from(chunk.subarray(0, headBytes - this.#size))
    this.#head.push(part)
    this.#size += part.length
    this.#closed = this.#size >= headBytes || (!this.#goesOn && part.includes(10) && this.#isWhole())
  }

  /** A first line that is no resource may be that of a document over many lines, or a bad one: more is looked at. */
  #isWhole(): boolean {
    const line = this.#firstLine()
    const whole = line.endsWith('}') && line.includes('"resourceType"')
    this.#goesOn = line !== '' && !whole
    if (line === '') {
      this.#head = []
      this.#size = 0
    }
    return whole
  }

  #pushTail(chunk: Uint8Array): void {
    const lineFeed = chunk.lastIndexOf(10)
    if (lineFeed >= 0) {
      this.#open = []
      this.#openBytes = 0
    }
    if (lineFeed + 1 === chunk.length) return
    const rest = Buffer.from(chunk.subarray(lineFeed + 1))
    this.#openBytes += rest.length
    if (this.#openBytes <= tailBytes) this.#open.push(rest)
    else this.#open = [Buffer.from(rest.subarray(-64))]
  }

  /** Whether the last line has no end and is no JSON. */
  breaksOff(): boolean {
    const text = Buffer.concat(this.#open)
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trim()
    if (text === '') return false
    if (this.#openBytes > tailBytes) return !text.endsWith('}')
    try {
      JSON.parse(text)
      return false
    } catch {
      return true
    }
  }

  /** Why this is not the file at all; null where only its lines may be bad, which loading sorts out. */
  problem(file: Pick<FileState, 'type' | 'itemType'>): string | null {
    if (this.#firstLine().startsWith('<')) return 'a web page came instead of NDJSON'
    const type = this.otherType(file)
    if (type === 'OperationOutcome') return 'an OperationOutcome came instead of the file'
    if (type === 'Binary') return 'the server wrapped the file in a Binary resource'
    return file.itemType === 'error' ? null : this.#noResource()
  }

  /**
   * Errors that came with status 200 in some other form. A bad line, be it the first, is one for loading to sort out: some line
   * after it is a resource.
   */
  #noResource(): string | null {
    const first = this.#firstLine()
    if (first === '' || isResource(parseJson(first))) return null
    const text = this.#text()
    if (text.split('\n').some((line) => isResource(parseJson(line)))) return null
    if (first.startsWith('\u001f')) return 'it is compressed twice'
    if (!first.startsWith('{')) return 'it does not begin with a JSON object'
    if (parseJson(first) !== undefined) return 'it does not begin with a FHIR resource'
    const whole = parseJson(text)
    if (whole === undefined) return null
    return `one ${isResource(whole) ? whole.resourceType : 'JSON'} over several lines came instead of NDJSON`
  }

  /** The type of the first resource where it is another than the file's. */
  otherType({ type, itemType }: Pick<FileState, 'type' | 'itemType'>): string | null {
    if (itemType !== 'output' || type === 'Unknown' || type === 'Resources') return null
    let found: unknown
    try {
      found = JSON.parse(this.#firstLine())
    } catch {
      return null
    }
    const name = isRecord(found) ? found.resourceType : undefined
    return typeof name === 'string' && name !== type && /^[A-Za-z]{1,64}$/.test(name) ? name : null
  }

  #text(): string {
    const head = Buffer.concat(this.#head)
    this.#head = [head]
    return head
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .trimStart()
  }

  #firstLine(): string {
    const text = this.#text()
    const end = text.indexOf('\n')
    return (end < 0 ? text : text.slice(0, end)).trim()
  }
}

function isResource(json: Record<string, unknown> | undefined): json is { resourceType: string } {
  return typeof json?.resourceType === 'string' && /^[A-Za-z]{1,64}$/.test(json.resourceType)
}
