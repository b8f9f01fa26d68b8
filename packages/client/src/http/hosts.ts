import type { Timing } from './timing.ts'

/** Failures in a row at which a host gets a rest. */
const breakAt = 5
const shortestRestMs = 5_000
const longestRestMs = 120_000

interface HostState {
  failures: number
  rests: number
  restUntil: number
}

/** A circuit breaker over all slots: when a host keeps failing, or asks for time, nobody asks it until its rest is over. */
export class Hosts {
  readonly #timing: Timing
  readonly #longestWishMs: number
  readonly #hosts = new Map<string, HostState>()

  /** `longestWishMs`: a host that asks for hours gets no more. */
  constructor(timing: Timing, longestWishMs = 300_000) {
    this.#timing = timing
    this.#longestWishMs = longestWishMs
  }

  /** Waits until the host may be asked. */
  async ready(origin: string, signal: AbortSignal | undefined): Promise<void> {
    for (let wait = this.#restLeft(origin); wait > 0; wait = this.#restLeft(origin)) await this.#timing.sleep(wait, signal)
  }

  succeeded(origin: string): void {
    this.#hosts.delete(origin)
  }

  /** `retryAfterMs`: the host's own wish, which holds for every slot. */
  failed(origin: string, retryAfterMs: number | null): void {
    const state = this.#hosts.get(origin) ?? { failures: 0, rests: 0, restUntil: 0 }
    state.failures += 1
    let rest = Math.min(retryAfterMs ?? 0, this.#longestWishMs)
    if (state.failures % breakAt === 0) {
      rest = Math.max(rest, Math.min(longestRestMs, shortestRestMs * 2 ** state.rests))
      state.rests = Math.min(state.rests + 1, 10)
    }
    state.restUntil = Math.max(state.restUntil, this.#timing.now() + rest)
    this.#hosts.set(origin, state)
  }

  #restLeft(origin: string): number {
    return (this.#hosts.get(origin)?.restUntil ?? 0) - this.#timing.now()
  }
}

/** Keeps the bytes of all downloads together under a rate: each chunk is paid for after it came. */
export class RateLimit {
  readonly #bytesPerMs: number
  readonly #timing: Timing
  #paidUntil = 0

  constructor(bytesPerSecond: number, timing: Timing) {
    this.#bytesPerMs = bytesPerSecond / 1000
    this.#timing = timing
  }

  async take(bytes: number, signal: AbortSignal | undefined): Promise<void> {
    const now = this.#timing.now()
    this.#paidUntil = Math.max(this.#paidUntil, now) + bytes / this.#bytesPerMs
    const wait = this.#paidUntil - now
    // Short debts are let run: a timer for each 64 KB chunk would cost more than it orders.
    if (wait > 20) await this.#timing.sleep(wait, signal)
  }
}
