import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { takeMultipart } from './upload.ts'

const disposition = 'Content-Disposition: form-data; name="file"; filename="a"\r\n'
const part = `--b\r\n${disposition}\r\n{"resourceType":"Patient","id":"1"}\r\n`

/** Bodies that the parser breaks off in the middle, or never ends with. */
test.each([
  ['headers of a part and no more', `${part}--b\r\n${disposition}--b\r\n\r\n--b`],
  ['a header that is none, and a part behind it', `--b\r\n${disposition}Content-Type: x\r\n\\\n{}\r\n${part}`],
  ['a cut in a part', part.slice(0, -10)],
])('a multipart body with %s is refused, and nothing goes on behind it', async (_, body) => {
  const dir = await mkdtemp(join(tmpdir(), 'floe-upload-'))
  const stray: unknown[] = []
  const seen = (error: unknown): void => void stray.push(error)
  process.on('uncaughtException', seen)
  const incoming = Object.assign(Readable.from([Buffer.from(body)]), {
    headers: { 'content-type': 'multipart/form-data; boundary=b' },
  }) as unknown as IncomingMessage
  await expect(takeMultipart(incoming, dir, 1 << 20, { patience: 50 })).rejects.toMatchObject({ status: 400 })
  await new Promise((resolve) => setTimeout(resolve, 50))
  process.off('uncaughtException', seen)
  expect(stray).toEqual([])
  await rm(dir, { recursive: true, force: true, maxRetries: 5 })
})
