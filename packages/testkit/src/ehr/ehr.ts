import type { Ehr, EhrOptions } from './types.ts'

/** Starts the EHR. */
export async function startEhr(options: EhrOptions): Promise<Ehr> {
  throw new Error(`not running yet: ${options.folder}`)
}
