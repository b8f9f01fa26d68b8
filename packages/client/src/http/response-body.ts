import type { Dispatcher } from 'undici'

/**
 * Takes a piece of a body, as coded on the wire; a promise holds the next one back.
 *
 * The piece lies in memory that is used again as soon as the function returns: what is kept has to be copied before its first
 * `await`.
 */
export type Take = (chunk: Buffer) => Promise<void> | undefined

/** A failure of the body, told apart from one of its taker. */
export class BodyError extends Error {}

export interface Answer {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: ResponseBody
}

/**
 * Sends a request; resolves once the headers are in. The body rests until somebody takes it.
 *
 * undici's own `request` makes a stream of each body: memory for each 64 KB that is never used again, and half of the CPU of a
 * download.
 */
export function dispatch(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    let body: ResponseBody | undefined
    let current: Dispatcher.DispatchController | undefined
    const abort = (): void => {
      const reason = new Error('aborted', { cause: signal?.reason })
      current?.abort(reason)
      fail(reason)
    }
    const over = (): void => signal?.removeEventListener('abort', abort)
    const fail = (cause: Error): void => {
      over()
      if (body === undefined) reject(cause)
      else body.fail(cause)
    }
    signal?.addEventListener('abort', abort, { once: true })
    dispatcher.dispatch(options, {
      onRequestStart(controller) {
        current = controller
        if (signal?.aborted) controller.abort(new Error('aborted', { cause: signal.reason }))
      },
      onResponseStart(controller, status, headers) {
        if (status < 200) return
        controller.pause()
        body = new ResponseBody(controller)
        resolve({ status, headers, body })
      },
      onResponseData(_controller, chunk) {
        body?.push(chunk)
      },
      onResponseEnd() {
        over()
        body?.complete()
      },
      onResponseError(_controller, cause) {
        fail(cause)
      },
    })
  })
}

/** The body of one answer: handed over piece by piece, without a stream between. */
export class ResponseBody {
  readonly #controller: Dispatcher.DispatchController
  /** Copies of what came while nothing was taken: a connection that ends gives what it has left, asked or not. */
  #held: Buffer[] = []
  #taker: { take: Take; resolve: () => void; reject: (cause: unknown) => void } | undefined
  #taking = false
  #end: 'complete' | BodyError | undefined

  constructor(controller: Dispatcher.DispatchController) {
    this.#controller = controller
  }

  /**
   * Hands every piece to `take`, one after the other. Resolves at the end of the body; rejects with a BodyError, or with what
   * `take` failed with.
   *
   * It settles only when no piece is being taken any more: the next try must not meet the last one's writes.
   */
  each(take: Take): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#taker = { take, resolve, reject }
      this.#flow()
    })
  }

  /** Lets go of a body that nobody reads; its connection ends. */
  destroy(): void {
    this.#taker = undefined
    this.#held = []
    if (this.#end === undefined) this.#controller.abort(new Error('not wanted'))
  }

  push(chunk: Buffer): void {
    // Where a body ends with its connection, a parser that goes on says that nothing came; to pause for that would go on forever.
    if (chunk.length === 0) return
    if (this.#taker === undefined || this.#taking) this.#held.push(Buffer.from(chunk))
    else this.#deliver(this.#taker.take, chunk)
  }

  complete(): void {
    this.#end ??= 'complete'
    this.#flow()
  }

  fail(cause: unknown): void {
    this.#end ??= new BodyError('the body failed', { cause })
    this.#flow()
  }

  #deliver(take: Take, chunk: Buffer): void {
    try {
      const waiting = take(chunk)
      if (waiting === undefined) return
      this.#taking = true
      this.#controller.pause()
      waiting.then(
        () => {
          this.#taking = false
          this.#flow()
        },
        (cause: unknown) => this.#refuse(cause),
      )
    } catch (cause) {
      this.#refuse(cause)
    }
  }

  #flow(): void {
    while (this.#taker !== undefined && !this.#taking) {
      const chunk = this.#held.shift()
      if (chunk !== undefined) this.#deliver(this.#taker.take, chunk)
      else {
        if (this.#end === undefined) this.#controller.resume()
        else if (this.#end === 'complete') this.#taker.resolve()
        else this.#taker.reject(this.#end)
        return
      }
    }
  }

  #refuse(cause: unknown): void {
    this.#taker?.reject(cause)
    this.destroy()
  }
}
