import { LakeError } from '../errors.ts'

/** Another writer was first. Read the tables again, plan again, stage again (`commitWithRetry`). */
export class LakeConflictError extends LakeError {
  constructor(table: string) {
    super('lake-conflict', `Another writer changed ${table} meanwhile.`, {
      hint: 'Run the same command again.',
      retryable: true,
    })
    this.name = 'LakeConflictError'
  }
}
