import type { QualityRow } from '@floe/lake'
import { count, counted } from './ui/format.ts'
import type { Ui } from './ui/ui.ts'

const shown = 3

/** What the rules found at the last build: how many hold, what fails most, and what is kept out of gold. */
export function qualityLines(quality: readonly QualityRow[], ui: Pick<Ui, 'style'>): string[] {
  const asked = quality.filter(({ checked }) => checked > 0)
  if (asked.length === 0) return []
  const failing = asked.filter(({ failed }) => failed > 0).toSorted((a, b) => b.failed - a.failed)
  const head = ` Quality: ${count(asked.length - failing.length)} of ${counted(asked.length, 'rule')} hold`
  if (failing.length === 0) return [head]
  const most = failing.slice(0, shown).map(({ rule, failed, checked }) => `${rule} (${count(failed)} of ${count(checked)})`)
  const errors = failing.filter(({ severity }) => severity === 'error')
  return [
    `${head}; ${failing.length > shown ? 'most fail' : 'these do not:'} ${most.join(', ')}`,
    ...errors.map(({ rule, failed, message }) =>
      ui.style('bad', `   kept out of gold by ${rule}: ${counted(failed, 'resource')} (${message})`),
    ),
  ]
}
