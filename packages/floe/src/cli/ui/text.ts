import { styleText } from 'node:util'
import { Live } from './live.ts'
import { Output, type Streams } from './output.ts'
import type { LiveView, Ui } from './ui.ts'

export interface UiOptions {
  readonly streams: Streams
  readonly quiet: boolean
  readonly verbosity: number
  readonly env: Readonly<Record<string, string | undefined>>
}

const colours = { accent: 'cyan', bad: 'red', look: 'yellow', dim: 'dim', strong: 'bold' } as const

/** A terminal that can redraw: none in CI logs, and none that calls itself dumb. */
function redraws(stream: NodeJS.WriteStream, env: UiOptions['env']): boolean {
  return stream.isTTY === true && env.TERM !== 'dumb' && (env.CI ?? '') === ''
}

/** Printing for people. */
export function textUi({ streams, quiet, verbosity, env }: UiOptions): Ui & { readonly output: Output } {
  const output = new Output(streams.stdout)
  const live = new Live(streams.stderr, redraws(streams.stderr, env))
  const coloured =
    streams.stdout.isTTY === true && streams.stdout.hasColors() && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb'
  return {
    json: false,
    quiet,
    verbosity,
    output,
    terminal: streams.stdout.isTTY === true,
    get width() {
      return streams.stdout.isTTY === true ? (streams.stdout.columns ?? 80) : Number.POSITIVE_INFINITY
    },
    step: (line) => {
      if (!quiet) live.above(`${line}\n`)
    },
    warn: (line) => live.above(`${line}\n`),
    live: (view: LiveView) => {
      if (!quiet) live.show(view)
    },
    settle: () => live.end(),
    event: () => {},
    say: (...lines) => {
      live.end()
      output.writeNow(`${lines.join('\n')}\n`)
    },
    result: () => {},
    write: (text) => output.write(text),
    style: (style, text) => (coloured ? styleText(colours[style], text, { validateStream: false }) : text),
  }
}
