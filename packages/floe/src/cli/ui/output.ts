/** The process's streams as a command sees them. */
export interface Streams {
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

/** Standard output that survives a reader who goes away (`floe query … | head`) and waits for a slow one. */
export class Output {
  readonly #stream: NodeJS.WriteStream
  #gone = false

  constructor(stream: NodeJS.WriteStream) {
    this.#stream = stream
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.#gone = true
      if (error.code !== 'EPIPE') throw error
    })
  }

  /** False when the reader has gone. */
  async write(text: string | Uint8Array): Promise<boolean> {
    if (!this.writeNow(text)) await this.drained()
    return !this.#gone
  }

  /** Writes without waiting; false when the stream asks to wait. */
  writeNow(text: string | Uint8Array): boolean {
    if (this.#gone || this.#stream.destroyed) return true
    return this.#stream.write(text)
  }

  drained(): Promise<void> {
    if (this.#gone || !this.#stream.writableNeedDrain) return Promise.resolve()
    return new Promise((resolve) => {
      const done = (): void => {
        for (const name of ['drain', 'error', 'close']) this.#stream.removeListener(name, done)
        resolve()
      }
      for (const name of ['drain', 'error', 'close']) this.#stream.once(name, done)
    })
  }

  /** Resolves when all that was written is with the system. */
  flushed(): Promise<void> {
    if (this.#gone || this.#stream.destroyed) return Promise.resolve()
    return new Promise((resolve) => {
      this.#stream.once('error', () => resolve())
      this.#stream.write('', () => resolve())
    })
  }
}
