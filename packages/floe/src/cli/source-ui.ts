import type { LiveView, Ui } from './ui/ui.ts'

/**
 * One printer for each of several sources that run side by side: lines carry the source's name, the live parts stand under each
 * other.
 */
export interface SourceUis {
  /** `onResult` gets the object that the source would have printed. */
  of(source: string, onResult: (result: object) => void): Ui
}

export function sourceUis(ui: Ui): SourceUis {
  const views = new Map<string, LiveView>()
  const together: LiveView = {
    lines: (width) => stacked(views, width),
    plain: () => [...views].map(([source, view]) => ` ${source}:${view.plain()}`).join(' ·'),
  }
  return {
    of: (source, onResult) => {
      const named = (line: string): string => ` ${source}: ${line.trimStart()}`
      let headed = false
      return {
        ...ui,
        step: (line) => ui.step(named(line)),
        warn: (line) => ui.warn(named(line)),
        live: (view) => {
          views.set(source, view)
          ui.live(together)
        },
        settle: () => {
          views.delete(source)
          if (views.size === 0) ui.settle()
        },
        event: (event) => ui.event({ source, ...event }),
        say: (...lines) => {
          ui.say(...(headed ? [] : ['', source]), ...lines)
          headed = true
        },
        result: onResult,
      }
    },
  }
}

/** As high as a live part gets. */
const height = 20

/** Every source is seen, however many files each of them has in flight; many sources have a line each. */
function stacked(views: ReadonlyMap<string, LiveView>, width: number): string[] {
  const each = Math.floor(height / Math.max(1, views.size)) - 1
  if (each < 2) return [...views].map(([source, view]) => ` ${source}: ${view.plain().trimStart()}`)
  return [...views].flatMap(([source, view]) => {
    const lines = view.lines(width)
    if (lines.length <= each) return [` ${source}`, ...lines]
    return [` ${source}`, ...lines.slice(0, each - 1), `   and ${lines.length - each + 1} more`]
  })
}
