/** What the live part of a command shows, as data; text and JSON printers make of it what they can. */
export interface LiveView {
  /** Lines for a terminal, redrawn in place; at most 20 are shown. */
  lines(width: number): readonly string[]
  /** One line for where there is no terminal, printed at most once a minute. */
  plain(): string
}

/**
 * Where a command's progress and report go. Results (rows, tables, the one JSON object) go to standard output, everything else to
 * standard error.
 */
export interface Ui {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbosity: number
  /** Columns of the terminal that standard output goes to; unbounded where it is none. */
  readonly width: number
  /** Standard output is a terminal. */
  readonly terminal: boolean
  /** A line of progress that stays, on standard error; nothing with `--quiet`. */
  step(line: string): void
  /** A line that needs a look; shown also with `--quiet`. */
  warn(line: string): void
  /** Starts or replaces the live part. It is redrawn until `settle`. */
  live(view: LiveView): void
  /** Takes the live part away. */
  settle(): void
  /** An event of a long command: a line of NDJSON on standard output with `--json`, nothing otherwise. */
  event(event: object): void
  /** Text of the report, on standard output; nothing with `--json`. */
  say(...lines: readonly string[]): void
  /** The one object of `--json`; nothing otherwise. */
  result(object: object): void
  /** Text as it is on standard output; false when nobody reads it any more. */
  write(text: string | Uint8Array): Promise<boolean>
  /** Colours `text` where its stream shows colours. */
  style(style: 'accent' | 'bad' | 'look' | 'dim' | 'strong', text: string): string
}
