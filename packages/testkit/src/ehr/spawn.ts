import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { EhrError } from './errors.ts'
import type { EhrOptions, RequestRecord } from './types.ts'

/** An EHR in a process of its own: its work does not count as the client's, and it outlives a client that is killed. */
export interface SpawnedEhr extends AsyncDisposable {
  readonly fhirUrl: string
  readonly tokenUrl: string
  readonly otherUrl: string
  readonly pid: number
  /** What has been asked so far. */
  requests(): Promise<readonly RequestRecord[]>
  close(): Promise<void>
}

/** What the child process tells: where it listens, what it was asked, or why it did not start. */
export type ChildMessage =
  | { kind: 'ready'; fhirUrl: string; tokenUrl: string; otherUrl: string }
  | { kind: 'requests'; requests: readonly RequestRecord[] }
  | { kind: 'failed'; message: string }

/**
 * Starts an EHR in a child process. Options travel as JSON, so a fault plan with a `manifest` function is refused.
 *
 * @example
 * await using ehr = await spawnEhr({ folder: './population' })
 */
export async function spawnEhr(options: EhrOptions): Promise<SpawnedEhr> {
  const hasFunction = (options.faults ?? []).flatMap((fault) => fault.do).some((action) => action.kind === 'manifest')
  if (hasFunction)
    throw new EhrError('A fault that patches the manifest cannot cross to another process', { hint: 'use startEhr' })
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js'
  const child = fork(fileURLToPath(new URL(`./child.${ending}`, import.meta.url)), {
    execArgv: ending === 'ts' ? ['--conditions=floe-source', '--disable-warning=ExperimentalWarning'] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const next = <Kind extends ChildMessage['kind']>(kind: Kind) =>
    new Promise<Extract<ChildMessage, { kind: Kind }>>((resolve, reject) => {
      const gone = () => done(() => reject(new EhrError('The EHR process has ended')))
      const heard = (message: ChildMessage) => {
        if (message.kind === kind) done(() => resolve(message as Extract<ChildMessage, { kind: Kind }>))
        else if (message.kind === 'failed') done(() => reject(new EhrError(message.message)))
      }
      const done = (settle: () => void) => {
        child.off('message', heard).off('exit', gone)
        settle()
      }
      child.on('message', heard).once('exit', gone)
    })
  const ready = next('ready')
  child.send({ kind: 'start', options })
  const { fhirUrl, tokenUrl, otherUrl } = await ready
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await exited
  }
  return {
    fhirUrl,
    tokenUrl,
    otherUrl,
    pid: child.pid ?? 0,
    requests: async () => {
      const answer = next('requests')
      child.send({ kind: 'requests' })
      return (await answer).requests
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}
