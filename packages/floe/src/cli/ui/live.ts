import { cut } from './table.ts'
import type { LiveView } from './ui.ts'

const tallest = 20
const redrawEvery = 125
const plainEvery = 60_000

/** The live part of standard error: redrawn in place on a terminal, a line a minute elsewhere. */
export class Live {
  readonly #stream: NodeJS.WriteStream
  readonly #onTerminal: boolean
  #view: LiveView | undefined
  #timer: NodeJS.Timeout | undefined
  #height = 0

  constructor(stream: NodeJS.WriteStream, onTerminal: boolean) {
    this.#stream = stream
    this.#onTerminal = onTerminal
  }

  show(view: LiveView): void {
    this.#view = view
    if (this.#timer !== undefined) return
    this.#timer = setInterval(() => this.#draw(), this.#onTerminal ? redrawEvery : plainEvery)
    this.#timer.unref()
    if (this.#onTerminal) this.#draw()
  }

  /** Writes lines above the live part. */
  above(text: string): void {
    this.#erase()
    this.#stream.write(text)
    if (this.#timer !== undefined && this.#onTerminal) this.#draw()
  }

  end(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#view = undefined
    this.#erase()
  }

  #draw(): void {
    if (this.#view === undefined) return
    if (!this.#onTerminal) {
      this.#stream.write(`${this.#view.plain()}\n`)
      return
    }
    const width = Math.max(20, (this.#stream.columns ?? 80) - 1)
    const lines = this.#view.lines(width).slice(0, Math.min(tallest, (this.#stream.rows ?? 24) - 1))
    this.#erase()
    this.#stream.write(lines.map((line) => `${cut(line, width)}\n`).join(''))
    this.#height = lines.length
  }

  #erase(): void {
    // Cursor up by the height of what was drawn, then everything below is cleared (ECMA-48 CUU, ED).
    if (this.#height > 0) this.#stream.write(`\u001b[${this.#height}A\u001b[0J`)
    this.#height = 0
  }
}
