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
  {
    code: 'auth',
    exitCode: 3,
    meaning: 'the server does not take the client, the key or the token',
    advice: 'floe keys public KEY.json   # is this what is registered with the server?',
  },
  {
    code: 'kickoff-refused',
    exitCode: 4,
    meaning: 'the server refused the export, is no FHIR server, or cannot be reached',
    advice: 'look at the address and at what the server said',
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
    code: 'interrupted',
    exitCode: 130,
    meaning: 'Ctrl-C or SIGTERM; what is there is kept',
    advice: 'the same command again goes on',
  },
  { code: 'incomplete', exitCode: 7, meaning: 'data was rejected, a type did not complete, or the server reported errors' },
  {
    code: 'lake-conflict',
    exitCode: 1,
    meaning: 'another process wrote to the lake at the same time; nothing was written',
    advice: 'the same command again',
  },
  { code: 'lake-moved', exitCode: 2, meaning: 'the lake lies elsewhere than where it was made' },
  { code: 'lake-damaged', exitCode: 1, meaning: 'the catalog or its metadata cannot be read' },
  { code: 'failed', exitCode: 1, meaning: 'anything else', advice: 'the same command with -vv tells more' },
]

export function adviceFor(code: string): string | undefined {
  return errorCodes.find((one) => one.code === code)?.advice
}
