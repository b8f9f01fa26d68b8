/** What every drill takes and gives, so that one program runs them all. */

export interface DrillOptions {
  /** Faults to inject, at least. */
  readonly faults: number
  /** The same seed gives the same faults. */
  readonly seed: number
  readonly onPoint?: (text: string) => void
}

/** What came of a drill. All but `faults` and `converged` have to be 0. */
export interface DrillResult {
  /** Faults that were injected. */
  readonly faults: number
  /** Rows, lines or files that were there and are not. */
  readonly lost: number
  /** Rows, lines or files that are there twice. */
  readonly doubled: number
  /** Runs that said they were complete and were not. */
  readonly falseCompletions: number
  /** Runs that ended with an error and, given again without the fault, came to the undisturbed result. */
  readonly converged: number
  /** What was compared with what. */
  readonly equation: string
  /** What went wrong, with what it takes to see it again. */
  readonly problems: readonly string[]
}

/** A drill that cannot run on this machine: it says what is missing. */
export interface Skipped {
  readonly skipped: string
}

export type Drill = (options: DrillOptions) => Promise<DrillResult | Skipped>

/** A deterministic sequence in [0, 1). */
export function random(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** One of a list, by chance. */
export function pick<Item>(next: () => number, list: readonly [Item, ...Item[]]): Item {
  return list[Math.floor(next() * list.length)] ?? list[0]
}

/** The options of a drill that is started by itself: `[--faults N] [--seed N]`. */
export function drillOptions(args: readonly string[], faults: number): DrillOptions {
  const value = (name: string, otherwise: number): number => {
    const at = args.indexOf(`--${name}`)
    return at < 0 ? otherwise : Number(args[at + 1])
  }
  return {
    faults: value('faults', faults),
    seed: value('seed', 1),
    onPoint: (text) => process.stdout.write(`${text}\n`),
  }
}

/** How long a command may take in a drill: the machine may be busy with others, and a command that never ends has to be seen. */
export const commandTimeout = 600_000
