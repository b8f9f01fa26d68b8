import type { Output } from './output.ts'
import { textUi, type UiOptions } from './text.ts'
import type { Ui } from './ui.ts'

/** Printing for programs: events and the one object on standard output, progress on standard error as ever. */
export function jsonUi(options: UiOptions): Ui & { readonly output: Output } {
  const text = textUi(options)
  const line = (object: object): void => {
    text.output.writeNow(`${JSON.stringify(object)}\n`)
  }
  return {
    ...text,
    json: true,
    terminal: false,
    width: Number.POSITIVE_INFINITY,
    event: line,
    say: () => {},
    result: line,
    style: (_, plain) => plain,
  }
}
