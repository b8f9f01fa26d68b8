/** Where a value stands in a JSON text. */
export interface JsonPlace {
  /** Keys and indexes from the root. */
  path: readonly (string | number)[]
  start: number
  /** Behind its last character. */
  end: number
}

/** Deeper texts are refused: the scanner calls itself for each level. */
const maxDepth = 512

/**
 * Finds values of a JSON text by their path, without building the document: what is not touched stays as it was written,
 * decimals and spaces included.
 *
 * `want` is asked for every object and array member; throws SyntaxError where the text is no JSON.
 */
export function findPlaces(text: string, want: (path: readonly (string | number)[]) => boolean): JsonPlace[] {
  const scanner = new Scanner(text, want)
  scanner.all()
  return scanner.found
}

class Scanner {
  readonly found: JsonPlace[] = []
  readonly #text: string
  readonly #want: (path: readonly (string | number)[]) => boolean
  readonly #path: (string | number)[] = []
  #at = 0

  constructor(text: string, want: (path: readonly (string | number)[]) => boolean) {
    this.#text = text
    this.#want = want
  }

  all(): void {
    if (this.#text.charCodeAt(0) === 0xfeff) this.#at = 1
    this.#value()
    this.#space()
    if (this.#at !== this.#text.length) this.#fail()
  }

  #value(): void {
    this.#space()
    const start = this.#at
    switch (this.#text[start]) {
      case '{':
        this.#members('}', (first) => {
          if (!first) this.#expect(',')
          this.#space()
          const key = this.#string()
          this.#space()
          this.#expect(':')
          return key
        })
        break
      case '[':
        this.#members(']', (first, index) => {
          if (!first) this.#expect(',')
          return index
        })
        break
      case '"':
        this.#string()
        break
      default:
        this.#literal()
    }
    if (this.#path.length > 0 && this.#want(this.#path)) this.found.push({ path: [...this.#path], start, end: this.#at })
  }

  #members(close: string, next: (first: boolean, index: number) => string | number): void {
    if (this.#path.length >= maxDepth) this.#fail()
    this.#at += 1
    for (let index = 0; ; index += 1) {
      this.#space()
      if (this.#text[this.#at] === close) break
      this.#path.push(next(index === 0, index))
      this.#value()
      this.#path.pop()
    }
    this.#at += 1
  }

  /** The decoded string; plain ones, nearly all, are cut out as they are. */
  #string(): string {
    const start = this.#at
    this.#expect('"')
    let escaped = false
    for (; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at)
      if (code === 0x22) break
      if (code < 0x20 || Number.isNaN(code)) this.#fail()
      if (code === 0x5c) {
        escaped = true
        this.#at += 1
      }
    }
    this.#at += 1
    const raw = this.#text.slice(start, this.#at)
    return escaped ? (JSON.parse(raw) as string) : raw.slice(1, -1)
  }

  #literal(): void {
    const match = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)/y
    match.lastIndex = this.#at
    const found = match.exec(this.#text)
    if (found === null) this.#fail()
    else this.#at += found[0].length
  }

  #space(): void {
    for (; ; this.#at += 1) {
      const code = this.#text.charCodeAt(this.#at)
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return
    }
  }

  #expect(token: string): void {
    if (this.#text[this.#at] !== token) this.#fail()
    this.#at += 1
  }

  #fail(): never {
    throw new SyntaxError(`no JSON at character ${this.#at + 1}`)
  }
}

/** A JSON text on one line: line ends between tokens become nothing, all else stays. Inside of strings JSON allows none. */
export function oneLine(json: string): string {
  return json.replaceAll(/[\r\n]+[ \t]*/g, '').trim()
}

/** Replaces places of a text; they must not overlap. */
export function splice(text: string, edits: readonly { start: number; end: number; text: string }[]): string {
  let result = ''
  let at = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return result + text.slice(at)
}
