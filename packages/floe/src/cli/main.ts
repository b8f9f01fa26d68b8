#!/usr/bin/env node
import { readFileSync } from 'node:fs'
import process from 'node:process'
import { configure } from '../config/load.ts'
import { type ExitCode, interrupted } from '../errors.ts'
import type { CommandContext } from './command.ts'
import { type Invocation, namedCommand, parseCommandLine } from './program.ts'
import { errorJson, errorLines, type ShownError, shownError } from './report-error.ts'
import { shellWord } from './ui/format.ts'
import { jsonUi } from './ui/json.ts'
import { textUi } from './ui/text.ts'

/** How long a command may take to tidy up after Ctrl-C before the process ends anyhow, where it asks for no more. */
const usualPatience = 15_000

interface Process {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly stdin: NodeJS.ReadableStream
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Aborts on the first Ctrl-C or SIGTERM, ends the process on the second. */
function interruption(): { readonly signal: AbortSignal; endsWithin(time: number): void; stop(): void } {
  const controller = new AbortController()
  let patience = usualPatience
  const onSignal = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort(interrupted())
    setTimeout(() => process.exit(130), patience).unref()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return {
    signal: controller.signal,
    endsWithin: (time) => {
      patience = Math.max(usualPatience, time)
    },
    stop: () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  }
}

/** Runs one command line; every way out goes through here. */
export async function main({ argv, env, cwd, stdin, stdout, stderr }: Process): Promise<ExitCode> {
  const asJson = argv.includes('--json')
  const streams = { stdin, stdout, stderr }
  let resumeLine: string | undefined
  let ui: ReturnType<typeof textUi> | undefined
  let lake: string | undefined
  let verbosity = argv.filter((word) => word === '-vv').length * 2
  const interrupt = interruption()
  try {
    const invocation: Invocation = parseCommandLine(argv, version())
    if (invocation.kind === 'print') {
      stdout.write(invocation.text)
      return invocation.exitCode
    }
    verbosity = invocation.verbosity
    const configured = await configure({ flags: invocation.flags, env, cwd })
    const { settings } = configured
    lake = settings.lake
    ui = (asJson ? jsonUi : textUi)({ streams, quiet: settings.quiet === true, verbosity, env })
    const { run } = await invocation.spec.load()
    const context: CommandContext = {
      args: invocation.args,
      commandLine: ['floe', ...argv.map(shellWord)].join(' '),
      settings,
      configured,
      ui,
      streams,
      cwd,
      env,
      signal: interrupt.signal,
      endsWithin: interrupt.endsWithin,
      goesOnWith: (command) => {
        resumeLine = command
      },
    }
    if (verbosity > 0) for (const notice of configured.notices) ui.warn(`floe: ${notice}`)
    return await run(context)
  } catch (thrown) {
    ui?.settle()
    const error = withAdvice(shownError(interrupt.signal.aborted ? interruptionOf(thrown) : thrown, resumeLine), argv, lake)
    stderr.write(asJson ? `${errorJson(error)}\n` : `${errorLines(error, verbosity).join('\n')}\n`)
    return error.exitCode
  } finally {
    interrupt.stop()
    await ui?.output.flushed()
  }
}

/** A command in a hint gets the lake of this one; a usage error that knows nothing better points to the help of its command. */
function withAdvice(error: ShownError, argv: readonly string[], lake: string | undefined): ShownError {
  const [, command] = /^(?:Run: )?(floe (?:maintain|status|tables|history|quarantine|query)\b[^#]*)$/.exec(error.hint ?? '') ?? []
  if (command !== undefined && lake !== undefined && !command.includes('--lake'))
    return { ...error, hint: `${command} --lake ${shellWord(lake)}` }
  if (error.hint !== null || error.exitCode !== 2) return error
  const name = namedCommand(argv)?.name
  return { ...error, hint: name === undefined ? 'floe --help' : `floe ${name} --help` }
}

/** After Ctrl-C whatever a library throws is the interruption, unless it says so itself and knows the line that goes on. */
function interruptionOf(thrown: unknown): unknown {
  return (thrown as { exitCode?: unknown } | undefined)?.exitCode === 130 ? thrown : interrupted()
}

/** What Node says of its own features (node:sqlite) is nothing to the person who typed the command. */
function quietWarnings(): void {
  process.removeAllListeners('warning')
  process.on('warning', (warning) => {
    if (warning.name !== 'ExperimentalWarning') process.stderr.write(`${warning.name}: ${warning.message}\n`)
  })
}

quietWarnings()
// The engine makes its files with the process's mask: one that a killed load leaves behind is nobody else's, either.
process.umask(process.umask() | 0o077)
process.stdout.on('error', () => {})
process.stderr.on('error', () => {})
// The code is set and the process ended: open sockets and the engine's threads must not hold it.
process.exit(
  await main({
    argv: process.argv.slice(2),
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
  }),
)
