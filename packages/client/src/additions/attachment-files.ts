import { createHash } from 'node:crypto'
import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder, syncFolder } from '../folder/durable.ts'
import { folderNames, partSuffix } from '../folder/names.ts'

/** Where an attachment belongs. */
export interface AttachmentPlace {
  type: string
  id: string
  /** `content[0].attachment` */
  path: string
  url: string
}

const columns = ['file', 'type', 'id', 'path', 'contentType', 'size', 'sha256', 'url'] as const

/** Endings of common types; anything else is `.bin`: an ending of the server would let it choose what a double click starts. */
const endings: readonly (readonly [type: string, ending: string])[] = [
  ['text/plain', 'txt'],
  ['text/html', 'html'],
  ['application/xhtml+xml', 'xhtml'],
  ['text/xml', 'xml'],
  ['application/xml', 'xml'],
  ['application/hl7-cda+xml', 'xml'],
  ['text/rtf', 'rtf'],
  ['application/rtf', 'rtf'],
  ['application/pdf', 'pdf'],
  ['image/jpeg', 'jpg'],
  ['image/png', 'png'],
  ['image/tiff', 'tif'],
  ['image/gif', 'gif'],
  ['application/dicom', 'dcm'],
  ['application/json', 'json'],
]

/**
 * The folder `attachments/`: files named by the SHA-256 of their content, and `index.tsv`, which says what belongs where.
 *
 * A file is durable before its row is written: a row is proof, and a second pass skips what has one.
 */
export class AttachmentFiles {
  readonly #folder: string
  readonly #index: FileHandle
  readonly #known: Set<string>
  #tail: Promise<void> = Promise.resolve()

  private constructor(folder: string, index: FileHandle, known: Set<string>) {
    this.#folder = folder
    this.#index = index
    this.#known = known
  }

  /** Opens the folder; a last row that a crash cut short is removed. */
  static async open(exportFolder: string): Promise<AttachmentFiles> {
    const folder = join(exportFolder, folderNames.attachments)
    await makeFolder(folder)
    const index = await open(join(folder, 'index.tsv'), 'a+', 0o600)
    const text = await readFile(index, 'utf8')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    if (whole.length < text.length) await index.truncate(Buffer.byteLength(whole))
    if (whole === '') await index.appendFile(`${columns.join('\t')}\n`)
    const rows = whole.split('\n').slice(1, -1)
    const known = rows.map((row) => {
      const [, type = '', id = '', path = '', , , , url = ''] = row.split('\t')
      return keyOf({ type, id, path, url })
    })
    return new AttachmentFiles(folder, index, new Set(known))
  }

  has(place: AttachmentPlace): boolean {
    return this.#known.has(keyOf(place))
  }

  async add(place: AttachmentPlace, { content, contentType }: { content: Buffer; contentType: string }): Promise<void> {
    const sha256 = createHash('sha256').update(content).digest('hex')
    const ending = endings.find(([type]) => contentType.split(';')[0]?.trim().toLowerCase() === type)?.[1] ?? 'bin'
    const name = `${sha256.slice(0, 32)}.${ending}`
    await this.#write(name, content)
    const row = { file: name, ...place, contentType, size: String(content.length), sha256 }
    const line = `${columns.map((column) => field(row[column])).join('\t')}\n`
    this.#tail = this.#tail.then(() => this.#index.appendFile(line))
    await this.#tail
    this.#known.add(keyOf(place))
  }

  async #write(name: string, content: Buffer): Promise<void> {
    const path = join(this.#folder, name)
    const size = await stat(path).then(
      (found) => found.size,
      () => -1,
    )
    if (size === content.length) return
    // Two lines may hold the same text at the same time: each writes a part of its own.
    const part = `${path}.${Math.trunc(performance.now() * 1000)}-${this.#known.size}${partSuffix}`
    const file = await open(part, 'w', 0o600)
    try {
      await file.writeFile(content)
      await file.datasync()
    } finally {
      await file.close()
    }
    await rename(part, path)
  }

  async close(): Promise<void> {
    await this.#tail.catch(() => {})
    await this.#index.sync()
    await this.#index.close()
    await syncFolder(this.#folder)
  }
}

/** Half of a hash: a million notes are known by some tens of megabytes. */
function keyOf({ type, id, path, url }: AttachmentPlace): string {
  return createHash('sha256').update([type, id, path, url].map(field).join('\t')).digest('base64url').slice(0, 20)
}

function field(text: string): string {
  return text.replaceAll(/[\t\r\n]+/g, ' ')
}
