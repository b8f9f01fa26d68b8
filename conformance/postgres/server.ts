import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import pg from 'pg'

const run = promisify(execFile)

/** A PostgreSQL of the test's own, reached through a socket in its folder. */
export interface TestPostgres extends AsyncDisposable {
  readonly url: string
}

/** Who runs the server: it refuses to be root. */
interface Runner {
  readonly uid?: number
  readonly gid?: number
}

/** The binaries of PostgreSQL; undefined where there are none. */
export async function findPostgres(): Promise<{ initdb: string; postgres: string } | undefined> {
  for (const folder of (process.env.PATH ?? '').split(':')) {
    const [initdb, postgres] = [join(folder, 'initdb'), join(folder, 'postgres')]
    if ((await isThere(initdb)) && (await isThere(postgres))) return { initdb, postgres }
  }
  return undefined
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

async function runner(): Promise<Runner> {
  if (process.getuid?.() !== 0) return {}
  const nobody = (await readFile('/etc/passwd', 'utf8')).split('\n').find((line) => line.startsWith('nobody:'))
  const [, , uid, gid] = nobody?.split(':') ?? []
  return { uid: Number(uid), gid: Number(gid) }
}

export async function startPostgres({ initdb, postgres }: { initdb: string; postgres: string }): Promise<TestPostgres> {
  const dir = await mkdtemp(join(tmpdir(), 'floe-pg-'))
  const who = await runner()
  await chmod(dir, 0o700)
  if (who.uid !== undefined && who.gid !== undefined) await chown(dir, who.uid, who.gid)
  const data = join(dir, 'data')
  await run(initdb, ['--pgdata', data, '--username', 'floe', '--auth', 'trust', '--encoding', 'UTF8', '--no-sync'], {
    ...who,
    cwd: dir,
  })
  const settings = ['-c', 'listen_addresses=', '-c', `unix_socket_directories=${dir}`, '-c', 'fsync=off']
  const server = spawn(postgres, ['-D', data, ...settings], { ...who, cwd: dir, stdio: 'ignore' })
  const ended = once(server, 'exit')
  const stop = async (): Promise<void> => {
    server.kill('SIGINT')
    await ended
    await rm(dir, { recursive: true, force: true })
  }
  const url = `postgres://floe@/postgres?host=${encodeURIComponent(dir)}`
  for (let waited = 0; !(await answers(url)); waited++) {
    if (waited > 300 || server.exitCode !== null) {
      await stop()
      throw new Error('PostgreSQL did not start')
    }
    await sleep(100)
  }
  return { url, [Symbol.asyncDispose]: stop }
}

/** The socket is there before the server takes anybody. */
async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url })
  return await client.connect().then(
    async () => {
      await client.end()
      return true
    },
    () => false,
  )
}
