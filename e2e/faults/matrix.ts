import type { FaultCase } from './case.ts'

/** The points of the checklist, and for those that need more than one process or much data where they are shown. */
const points: Readonly<Record<number, [title: string, elsewhere?: string]>> = {
  1: ['A body shorter than its Content-Length'],
  2: ['A chunked body cut at a line end'],
  3: ['An early, clean end of gzip'],
  4: ['Fewer or more resources than the manifest counts'],
  5: ['Multi-byte characters cut anywhere'],
  6: ['Decimals and big integers'],
  7: ['Manifests in pages'],
  8: ['Hostile resource types'],
  9: ['Where the token goes', 'packages/client/src/requirements-files.test.ts (attachments)'],
  10: ['Retry-After'],
  11: ['Kick-off and polling'],
  12: ['Files that fail, stall, expire'],
  13: ['kill -9 at any moment, then resume', 'e2e/kill-export.test.ts'],
  14: ['20,000 files of one line', 'e2e/volume.test.ts'],
  15: ['One file of 10 GB in bounded memory', 'e2e/volume.test.ts'],
  16: ['A long queue for few slots'],
  17: ['Empty, odd and unusable answers'],
  18: ['A full disk', 'e2e/resume.test.ts'],
  19: ['Ctrl-C', 'e2e/resume.test.ts'],
  20: ['DELETE only after verification'],
  21: ['The log, as Cumulus ETL reads it', 'e2e/export.test.ts'],
  22: ['Outcomes that the server reports'],
}

/** The documentation's table of all cases. */
export function faultMatrix(cases: readonly FaultCase[]): string {
  const sections = Object.entries(points).map(([number, [title, elsewhere]]) => {
    const rows = cases
      .filter(({ point }) => point === Number(number))
      .map((one) => `| ${cell(one.fault)} | ${cell(one.outcome)} |`)
    const table = rows.length === 0 ? [] : ['| the server or network | the export |', '|---|---|', ...rows, '']
    return [
      `## ${number}. ${title}`,
      '',
      ...(elsewhere === undefined
        ? []
        : [`Shown by ${elsewhere.replace(/^\S+/, '`$&`')}${rows.length === 0 ? '.' : ', and:'}`, '']),
      ...table,
    ].join('\n')
  })
  return [
    '# Fault matrix',
    '',
    '*Reference, for operators and for who changes the client.* What can go wrong in a Bulk Data export, and what `floe export` does about it.',
    'Every row is a test of `e2e/export-faults.test.ts` against the mock EHR of `@floe/testkit`; the table is written from them (`FLOE_WRITE_DOCS=1`).',
    '',
    ...sections,
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '\\<')
}
