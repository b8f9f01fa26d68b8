import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { rolldown } from 'rolldown'

const run = promisify(execFile)
const views = join(import.meta.dirname, '../../packages/views/src')

/** A bundle of `@floe/views` as one script that sets the global `floe`, and what of the outside it would still ask for. */
export async function browserBundle(): Promise<{ readonly code: string; readonly imports: readonly string[] }> {
  const entry = '\0entry'
  const source = `export * from ${JSON.stringify(join(views, 'index.ts'))}; export * from ${JSON.stringify(join(views, 'bundled/index.ts'))}`
  await using bundle = await rolldown({
    input: entry,
    platform: 'browser',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === entry ? id : null),
        load: (id) => (id === entry ? { code: source, moduleType: 'ts' } : null),
      },
    ],
    logLevel: 'silent',
  })
  const { output } = await bundle.generate({ format: 'iife', name: 'floe', minify: true })
  const [chunk] = output
  return { code: chunk.code, imports: [...chunk.imports, ...chunk.dynamicImports] }
}

/** A Chromium of this machine; undefined when there is none. */
export async function findChromium(): Promise<string | undefined> {
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const found = await run(name, ['--version']).then(
      () => true,
      () => false,
    )
    if (found) return name
  }
  return undefined
}

/** Loads scripts one after the other in a page of a headless Chromium; gives what they leave in `document.body.textContent`. */
export async function inChromium(chromium: string, scripts: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'floe-browser-'))
  try {
    const tags: string[] = []
    for (const [index, script] of scripts.entries()) {
      await writeFile(join(folder, `${index}.js`), script)
      tags.push(`<script src="${index}.js"></script>`)
    }
    const page = join(folder, 'page.html')
    await writeFile(page, `<!doctype html><meta charset="utf-8"><body></body>${tags.join('')}`)
    // Without a sandbox of its own, since tests run as root in containers; the page is ours.
    const flags = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${join(folder, 'profile')}`,
    ]
    const { stdout } = await run(chromium, [...flags, '--dump-dom', pathToFileURL(page).href], {
      maxBuffer: 2 ** 26,
      timeout: 60_000,
    })
    const [, text = ''] = /<body>([\s\S]*?)(?:<script|<\/body>)/.exec(stdout) ?? []
    return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&').trim()
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}
