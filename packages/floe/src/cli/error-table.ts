/** What a code means to the caller; docs/errors.md is made from this. */
export interface ErrorCode {
  readonly code: string
  readonly exitCode: number
  readonly meaning: string
  /** Shown after `Try:` where the error itself has nothing better. */
  readonly advice?: string
}

export const exitCodes: readonly (readonly [number, string])[] = [
  [0, 'verified complete'],
  [1, 'failed'],
  [2, 'usage or configuration'],
  [3, 'authentication'],
  [4, 'the kick-off was refused, or the server cannot be reached'],
  [5, 'the server failed the export'],
  [6, 'download or verification failed; `floe resume` goes on'],
  [7, 'finished, with errors reported by the server or data rejected'],
  [130, 'interrupted; the line that goes on is printed'],
]

export const errorCodes: readonly ErrorCode[] = [
  { code: 'usage', exitCode: 2, meaning: 'the command line, the configuration, or what it names cannot be met as put' },
  { code: 'view', exitCode: 2, meaning: 'a ViewDefinition is wrong; the element and the place in its expression are shown' },
  {
    code: 'auth',
    exitCode: 3,
    meaning: 'the server does not take the client, the key or the token',
    advice: 'floe keys public KEY.json   # is this what is registered with the server?',
  },
  {
    code: 'kickoff-refused',
    exitCode: 4,
    meaning: 'the server refused the export, or is no FHIR server',
    advice: 'look at the address and at what the server said',
  },
  {
    code: 'unreachable',
    exitCode: 4,
    meaning: 'the server cannot be reached, or its certificate is not trusted',
    advice: 'look at the address, the network, --ca-file',
  },
  {
    code: 'server-failed',
    exitCode: 5,
    meaning: 'the job ended at the server, or its manifest cannot be used',
    advice: 'start the export again; if it ends the same way, ask who runs the server',
  },
  {
    code: 'download-failed',
    exitCode: 6,
    meaning: 'a file could not be fetched or is not what the manifest says; what is there is kept',
    advice: 'floe resume FOLDER',
  },
  {
    code: 'wait-exceeded',
    exitCode: 6,
    meaning: 'the server took longer than --wait-max; the job is kept',
    advice: 'floe resume FOLDER',
  },
  { code: 'incomplete', exitCode: 7, meaning: 'data was rejected, a type did not complete, or the server reported errors' },
  {
    code: 'interrupted',
    exitCode: 130,
    meaning: 'Ctrl-C or SIGTERM; what is there is kept',
    advice: 'the same command again goes on',
  },
  { code: 'no-lake', exitCode: 2, meaning: 'there is no lake in the folder', advice: 'floe etl FOLDER --lake DIR   # makes one' },
  { code: 'lake-moved', exitCode: 2, meaning: 'the lake lies elsewhere than where it was made' },
  { code: 'lake-newer', exitCode: 1, meaning: 'a later version of floe has written to the lake', advice: 'use that version' },
  {
    code: 'unknown-snapshot',
    exitCode: 2,
    meaning: 'the table has no such snapshot or tag',
    advice: 'floe history TABLE --lake DIR',
  },
  {
    code: 'lake-conflict',
    exitCode: 1,
    meaning: 'another process changed the same table at the same time; nothing was written',
    advice: 'the same command again',
  },
  {
    code: 'lake-busy',
    exitCode: 1,
    meaning: 'another process is writing to the lake',
    advice: 'the same command again when it is done',
  },
  {
    code: 'catalog',
    exitCode: 1,
    meaning: "the lake's catalog cannot be read or written",
    advice: "is DIR/catalog.db a lake's, and may it be written?",
  },
  {
    code: 'metadata',
    exitCode: 1,
    meaning: "a table's metadata is damaged or missing",
    advice: "restore the lake's folder from a backup, or load its exports into a new lake",
  },
  {
    code: 'not-found',
    exitCode: 1,
    meaning: 'a file that the lake refers to is missing',
    advice: "restore the lake's folder from a backup, or load its exports into a new lake",
  },
  { code: 'exists', exitCode: 1, meaning: 'a file that was to be made is there already', advice: 'the same command again' },
  { code: 'unsupported', exitCode: 1, meaning: 'the table uses something of Iceberg that floe does not write' },
  { code: 'unsupported-location', exitCode: 1, meaning: 'the lake names a location that floe cannot read' },
  { code: 'schema-conflict', exitCode: 1, meaning: 'a column is of another type than what is loaded' },
  { code: 'null-in-required', exitCode: 1, meaning: 'a required column has rows without a value' },
  {
    code: 'bronze-missing',
    exitCode: 1,
    meaning: 'files of an export are gone from bronze',
    advice: 'load the export folders again, or restore them from a backup',
  },
  {
    code: 'postgres',
    exitCode: 1,
    meaning: 'PostgreSQL cannot be reached, or refused the tables; nothing was changed there',
    advice: 'look at the address, the rights of its user, and the log of the database',
  },
  { code: 'postgres-missing', exitCode: 2, meaning: 'the package pg is not installed', advice: 'npm install pg pg-copy-streams' },
  { code: 'folder-unreadable', exitCode: 1, meaning: 'the folder cannot be read', advice: 'ls -ld FOLDER' },
  {
    code: 'file-unreadable',
    exitCode: 1,
    meaning: 'a file was cut short, is damaged, or holds a line that is no JSON',
    advice: 'floe ndjson validate FILE names every such line',
  },
  {
    code: 'source-changed',
    exitCode: 1,
    meaning: 'a file changed while it was read',
    advice: 'the same command again when nothing writes into the folder',
  },
  {
    code: 'lines-lost',
    exitCode: 1,
    meaning: 'fewer rows were read than lines were checked; nothing was written',
    advice: 'the same command again',
  },
  {
    code: 'view-run',
    exitCode: 1,
    meaning: 'the data do not fit a view: several values in a column, a where that is not boolean',
    advice: 'of a column: one value with first(), or "collection": true; of a where: a comparison, or exists()',
  },
  { code: 'sql', exitCode: 1, meaning: 'the engine failed on a statement', advice: 'the same command with -vv tells more' },
  { code: 'memory', exitCode: 1, meaning: 'the engine reached its memory limit', advice: '--memory-limit 4GB, or --threads 1' },
  {
    code: 'disk-full',
    exitCode: 1,
    meaning: 'the disk is full; nothing half-written is visible',
    advice: 'make room, then the same command again',
  },
  { code: 'failed', exitCode: 1, meaning: 'anything else', advice: 'the same command with -vv tells more' },
]

export function adviceFor(code: string): string | undefined {
  return errorCodes.find((one) => one.code === code)?.advice
}
