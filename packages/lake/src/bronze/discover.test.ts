import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readFolder } from './discover.ts'

test('notes saved as files are one notice, whatever their number; NDJSON among them is read', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'floe-discover-'))
  try {
    await mkdir(join(dir, 'attachments'))
    const names = [
      'DocumentReference.000.ndjson',
      'attachments/index.tsv',
      'attachments/a.pdf',
      'attachments/b.txt',
      'attachments/c.ndjson',
    ]
    for (const name of [...names, 'readme.txt']) await writeFile(join(dir, name), '')
    const [found] = await readFolder(dir)
    expect(found?.files.map(({ relative }) => relative)).toEqual(['DocumentReference.000.ndjson', 'attachments/c.ndjson'])
    expect(found?.notices).toEqual([
      'readme.txt: not read (no .ndjson, .jsonl, .gz or .zst file)',
      'attachments: 3 files, left where they are (index.tsv says what belongs where)',
    ])
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
})
