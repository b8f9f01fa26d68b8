import type { Pin } from '@floe/lake'
import type { JobAccess } from '../access.ts'

/** One input of an import: fetched from an address, or uploaded with the request. */
export interface ImportInput {
  /** As the client gave it; of an upload `upload:<filename>`. */
  readonly inputUrl: string
  /** Undefined: the lines tell. */
  readonly type: string | undefined
  readonly etag?: string
  /** Name of the staged file, of an upload. */
  readonly staged?: string
}

/**
 * What an import does with what is there already (I-7): `merge` lets the newest version win; `append` refuses lines of known ids
 * and `ignore` skips them; `overwrite` also deletes what was imported of these types before and does not come again; `error`
 * wants these types empty. What is there already is the state of the lake at the kick-off, so that an import that is done again
 * comes to the same end.
 */
export type ImportMode = 'merge' | 'append' | 'ignore' | 'overwrite' | 'error'

/** Everything that an import job needs to go on. */
export interface ImportSpec {
  readonly access: JobAccess
  readonly inputs: readonly ImportInput[]
  readonly mode: ImportMode
  /** The lake at the kick-off, where the mode asks what is there already. */
  readonly pin?: Pin
  /** Folder below the jobs' folder in which inputs are staged. */
  readonly stage: string
  /** The caller may delete: Bundles of deletions are taken. */
  readonly mayDelete: boolean
}

export interface LineError {
  readonly lineNumber: number | null
  readonly resourceId: string | null
  readonly message: string
}

/** What became of the inputs; kept with the job. */
export interface ImportResult {
  readonly output: readonly {
    readonly type: string | null
    readonly count: number
    readonly inputUrl: string
    readonly skipped?: number
  }[]
  readonly error: readonly {
    readonly type: string | null
    readonly inputUrl: string
    readonly count: number
    /** Name of the outcome file. */
    readonly file: string
    readonly errors: readonly LineError[]
    readonly errorsTruncated: boolean
  }[]
}
