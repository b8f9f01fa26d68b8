import { existsSync } from 'node:fs'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { newKeys } from '@floe/client'
import { startEhr } from '@floe/testkit'
import { describe, expect, test } from 'vitest'
import { runFloe } from './cli.ts'
import { expectEquations, linesOf, loadsOf } from './lake.ts'
import { makeExportFolder, scratch } from './support.ts'

const patient = (id: string, more = ''): string => `{"resourceType":"Patient","id":"${id}"${more}}`

describe('bad data: the rest is loaded, what was refused is named', () => {
  test('a malformed line, a wrong type, a missing id, a 40 MB line, a truncated gzip', async () => {
    await using place = await scratch('bad-lines')
    const folder = join(place.dir, 'in')
    const lake = join(place.dir, 'lake')
    await mkdir(folder)
    const long = patient('long', `,"language":"${'x'.repeat(40_000_000)}"`)
    const lines = [
      patient('a'),
      '{"resourceType":"Patient","id":"broken"',
      '{"resourceType":"Observation","id":"o"}',
      '{"resourceType":"Patient"}',
      long,
      patient('b'),
    ]
    await writeFile(join(folder, 'Patient.000.ndjson'), `${lines.join('\n')}\n`)
    const conditions = Array.from(
      { length: 5000 },
      (_, index) => `{"resourceType":"Condition","id":"c${index}","subject":{"reference":"Patient/a"}}`,
    )
    await writeFile(
      join(folder, 'Condition.000.ndjson.gz'),
      gzipSync(`${conditions.join('\n')}\n`, { level: 0 }).subarray(0, 200_000),
    )
    await writeFile(join(folder, 'Device.000.ndjson'), '{"resourceType":"Device","id":"d"}\n')

    const result = await runFloe([
      'load',
      folder,
      '--lake',
      lake,
      '--json',
      '--export-group',
      'g',
      '--export-timestamp',
      '2026-01-01T00:00:00Z',
    ])
    const loads = loadsOf(result.json)
    expect(result.code).toBe(7)
    expect(result.error).toMatchObject({ code: 'incomplete', hint: expect.stringContaining('floe quarantine list') })
    expectEquations(loads)
    expect(loads[0]?.types.map(({ type, rows, quarantined, complete }) => [type, rows > 0, quarantined, complete])).toEqual([
      ['Condition', true, 1, false],
      ['Device', true, 0, true],
      ['Patient', true, 4, false],
    ])
    expect(linesOf(loads)).toMatchObject({ Patient: 6, Device: 1 })

    const sql = `select file, line, split_part(reason, ' ', 1) as reason from floe.quarantine where type = 'Patient' or reason like 'type%' order by line`
    const { stdout } = await runFloe(['query', sql, '--lake', lake, '--format', 'csv'])
    expect(stdout).toBe(
      [
        'file,line,reason',
        'Patient.000.ndjson,2,json',
        'Patient.000.ndjson,3,type',
        'Patient.000.ndjson,4,id',
        'Patient.000.ndjson,5,size',
        '',
      ].join('\r\n'),
    )
    const again = await runFloe([...nextOf(result.error?.hint), '--json'])
    expect([again.code, (again.json as { quarantine: object[] }).quarantine.length]).toEqual([0, 5])
  })

  test('text for people names the types and the next command', async () => {
    await using place = await scratch('bad-text')
    const folder = join(place.dir, 'in')
    await mkdir(folder)
    await writeFile(join(folder, 'Patient.ndjson'), `${patient('a')}\nno json\n`)
    const args = [
      'load',
      folder,
      '--lake',
      join(place.dir, 'lake'),
      '--export-group',
      'g',
      '--export-timestamp',
      '2026-01-01T00:00:00Z',
    ]
    const { code, stdout } = await runFloe(args)
    expect(code).toBe(7)
    expect(stdout).toContain('Patient is not complete')
    expect(stdout).toContain('2 lines = 1 row + 0 duplicates + 0 stale + 1 quarantined')
    expect(stdout.trimEnd().split('\n').at(-1)).toMatch(/^ {2}floe quarantine list --lake /)
  })
})

/** The words of a command in a hint. */
function nextOf(hint = ''): string[] {
  return [...hint.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? '').slice(1)
}

describe('bad places', () => {
  test.each<[string, (dir: string) => Promise<string>]>([
    ['a folder that is not there', async (dir) => join(dir, 'nowhere')],
    [
      'a file',
      async (dir) => {
        await writeFile(join(dir, 'file'), 'x')
        return join(dir, 'file')
      },
    ],
    [
      'a folder without data',
      async (dir) => {
        await mkdir(join(dir, 'empty'))
        return join(dir, 'empty')
      },
    ],
  ])('%s is exit 2 and makes no lake', async (_, make) => {
    await using place = await scratch('bad-place')
    const folder = await make(place.dir)
    for (const verb of ['load', 'etl']) {
      const result = await runFloe([verb, folder, '--lake', join(place.dir, 'lake')])
      expect([verb, result.code, result.stdout]).toEqual([verb, 2, ''])
      expect(result.stderr).toMatch(/^floe: .*\n(.*\n)* {2}Try: /m)
      expect(existsSync(join(place.dir, 'lake'))).toBe(false)
    }
  })

  test.skipIf(process.getuid?.() === 0)('a folder that may not be read (skipped: root reads everything)', async () => {
    await using place = await scratch('unreadable')
    const folder = await makeExportFolder(join(place.dir, 'in'), { 'Patient.000.ndjson': { lines: 1 } })
    await chmod(folder, 0o000)
    const result = await runFloe(['load', folder, '--lake', join(place.dir, 'lake')])
    expect([1, 2]).toContain(result.code)
    expect(result.stderr).toMatch(/^floe: .*\n(.*\n)* {2}Try: /m)
  })
})

describe('bad servers', () => {
  async function web(status: number, type: string, body: string): Promise<{ url: string } & AsyncDisposable> {
    const server: Server = createServer((_, response) => response.writeHead(status, { 'content-type': type }).end(body))
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections()
        server.close()
      },
    }
  }

  test.each<[string, number, string, string]>([
    ['a web page', 200, 'text/html', '<html><script>alert(1)</script>hello</html>'],
    ['a page that is missing', 404, 'text/html', '<html>not found</html>'],
    ['JSON that is no FHIR', 200, 'application/json', '{"hello":"world"}'],
  ])('%s is exit 4, without its HTML', async (_, status, type, body) => {
    await using place = await scratch('not-fhir')
    await using server = await web(status, type, body)
    const result = await runFloe(['export', `${server.url}/Group/1`, join(place.dir, 'out')])
    expect([result.code, result.stdout]).toEqual([4, ''])
    expect(result.stderr).toMatch(/^floe: .*\n(.*\n)* {2}Try: /m)
    expect(result.stderr).not.toContain('<')
    const machine = await runFloe(['etl', `${server.url}/Group/1`, '--lake', join(place.dir, 'lake'), '--json'])
    expect([machine.code, machine.error?.code]).toEqual([4, 'kickoff-refused'])
  })

  test('a key that the server does not know is exit 3 and names what to compare', async () => {
    await using place = await scratch('wrong-key')
    const folder = await makeExportFolder(join(place.dir, 'population'), { 'Patient.000.ndjson': { lines: 3 } })
    const { publicJwks } = await newKeys()
    await using ehr = await startEhr({ folder, auth: { clients: [{ clientId: 'me', jwks: publicJwks }] } })
    const key = join(place.dir, 'key.json')
    expect((await runFloe(['keys', 'new', '--out', key])).code).toBe(0)
    const result = await runFloe([
      'export',
      `${ehr.fhirUrl}/Group/1`,
      join(place.dir, 'out'),
      '--smart-client-id',
      'me',
      '--smart-key',
      key,
    ])
    expect([result.code, result.stdout]).toEqual([3, ''])
    expect(result.stderr).toMatch(/Try: .*floe keys public/)
    const open = await runFloe(['export', `${ehr.fhirUrl}/Group/1`, join(place.dir, 'out2')])
    expect([open.code, open.stderr.includes('Try: ')]).toEqual([3, true])
  })
})
