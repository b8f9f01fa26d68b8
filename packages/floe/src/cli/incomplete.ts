import type { CommandContext } from './command.ts'

/** Ends a command with exit 7: the text report has said why; `--json` gets it as the last line of standard error, too. */
export function incomplete({ ui, streams }: Pick<CommandContext, 'ui' | 'streams'>, message: string, hint: string | null): 7 {
  if (ui.json) streams.stderr.write(`${JSON.stringify({ error: { code: 'incomplete', message, hint, retryable: false } })}\n`)
  return 7
}
