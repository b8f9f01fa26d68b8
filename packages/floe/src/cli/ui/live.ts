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
    const view = this.#timer !== undefined && this.#onTerminal ? this.#drawn() : ''
    // One write: a terminal that shows what came so far would flicker.
    this.#stream.write(`${this.#erasing()}${text}${view}`)
    this.#height = view === '' ? 0 : view.split('\n').length - 1
  }

  end(): void {
    if (this.#timer === undefined) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#view = undefined
    this.#stream.write(this.#erasing())
    this.#height = 0
  }

  #draw(): void {
    if (this.#view === undefined) return
    if (!this.#onTerminal) {
      this.#stream.write(`${this.#view.plain()}\n`)
      return
    }
    this.above('')
  }

  #drawn(): string {
    const width = Math.max(20, (this.#stream.columns ?? 80) - 1)
    const lines = this.#view?.lines(width).slice(0, Math.min(tallest, (this.#stream.rows ?? 24) - 1)) ?? []
    return lines.map((line) => `${cut(line, width)}\n`).join('')
  }

  /** Cursor up by the height of what was drawn, then everything below is cleared (ECMA-48 CUU, ED). */
  #erasing(): string {
    return this.#height > 0 ? `\u001b[${this.#height}A\u001b[0J` : ''
  }
}
