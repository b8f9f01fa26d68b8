import type { Configured } from '../config/load.ts'
import type { Settings } from '../config/options.ts'
import type { ExitCode } from '../errors.ts'
import type { Streams } from './ui/output.ts'
import type { Ui } from './ui/ui.ts'

/** What a command is given. Nothing in it is read from the air. */
export interface CommandContext {
  readonly args: readonly string[]
  /** The command as it was typed, ready to be pasted. */
  readonly commandLine: string
  readonly settings: Settings
  readonly configured: Configured
  readonly ui: Ui
  readonly streams: Streams
  readonly cwd: string
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C and SIGTERM. */
  readonly signal: AbortSignal
  /** Asks for more time than usual between Ctrl-C and the end of the process, in ms. */
  endsWithin(time: number): void
  /** Tells the line that goes on after an interruption. */
  goesOnWith(command: string): void
}

export type RunCommand = (context: CommandContext) => Promise<ExitCode>

/** One verb: what the help says of it, and where its code is (loaded only when it runs). */
export interface CommandSpec {
  /** `export`, `view run` */
  readonly name: string
  readonly group: string
  readonly summary: string
  /** Arguments as the help shows them: `FHIR_URL [DEST]`, `FOLDER…`. */
  readonly args: string
  readonly examples: readonly string[]
  readonly load: () => Promise<{ readonly run: RunCommand }>
}
