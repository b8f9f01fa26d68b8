/** What a page shows in fences: commands to run, and files that the reader is to write. */
export interface Fence {
  /** Line of the page where the content begins, from 1. */
  line: number
  kind: 'commands' | 'file' | 'other'
  /** Name of the file that the fence holds (the second word behind the back quotes: "json names.json"). */
  file: string | undefined
  text: string
  /** Why the test does not run it, from a comment `<!-- not run: … -->` on the line before. */
  notRun: string | undefined
}

const opening = /^( *)```(\S*)(?: +(\S+))? *$/
const program =
  /^(?:[A-Z_]+=\S+ +)?(floe|npx|npm|curl|pip|python|psql|docker|kubectl|systemctl|crontab|export|mkdir|cp|mv|ls|cat|node|duckdb|for|tar|install|git)\b/

/**
 * The fences of a Markdown page, in order. Fences without a language, or of `sh`, hold commands when a known program begins a
 * line.
 */
export function fencesOf(page: string): Fence[] {
  const lines = page.split('\n')
  const found: Fence[] = []
  for (let index = 0; index < lines.length; index++) {
    const [, indent = '', language = '', file] = opening.exec(lines[index] ?? '') ?? []
    if (!opening.test(lines[index] ?? '')) continue
    const from = index + 1
    while (++index < lines.length && lines[index]?.trim() !== '```') {}
    const content = lines.slice(from, index).map((line) => line.slice(indent.length))
    const shell = ['', 'sh', 'bash'].includes(language)
    const kind = file !== undefined ? 'file' : shell && content.some((line) => program.test(line)) ? 'commands' : 'other'
    const before = lines[from - 2]?.trim() === '' ? lines[from - 3] : lines[from - 2]
    const notRun = /<!-- not run: (.+?) -->/.exec(before ?? '')?.[1]
    found.push({ line: from + 1, kind, file, text: `${content.join('\n')}\n`, notRun })
  }
  return found
}

/** The commands of a fence, one to a string; lines that end in a backslash go on in the next one, comments are left out. */
export function commandsOf(fence: Fence): string[] {
  const joined = fence.text.replace(/\\\n\s*/g, ' ').split('\n')
  return joined.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'))
}
