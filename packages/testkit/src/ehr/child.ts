import { startEhr } from './ehr.ts'
import type { ChildMessage } from './spawn.ts'
import type { Ehr, EhrOptions } from './types.ts'

// The process behind `spawnEhr`: starts when told the options, ends with its parent.

type ParentMessage = { kind: 'start'; options: EhrOptions } | { kind: 'requests' }

let ehr: Ehr | undefined

const tell = (message: ChildMessage) => process.send?.(message)

async function start(options: EhrOptions): Promise<void> {
  try {
    ehr = await startEhr(options)
    tell({ kind: 'ready', fhirUrl: ehr.fhirUrl, tokenUrl: ehr.tokenUrl, otherUrl: ehr.otherUrl })
  } catch (error) {
    tell({ kind: 'failed', message: error instanceof Error ? error.message : String(error) })
  }
}

async function end(): Promise<void> {
  await ehr?.close()
  process.exit(0)
}

process.on('message', (message: ParentMessage) => {
  if (message.kind === 'start') void start(message.options)
  else tell({ kind: 'requests', requests: ehr?.requests ?? [] })
})
process.once('disconnect', () => void end())
process.once('SIGTERM', () => void end())
