/** How the requests to one kind of server differ from those to any other, and what to know about it. */
export interface VendorProfile {
  id: VendorId
  name: string
  /** Found in the CapabilityStatement's software name or publisher. */
  detect: RegExp
  /** Some token endpoints refuse `system/*`: one scope is asked for each requested type. */
  scopes?: 'per-type'
  /** A parameter that is spelt otherwise there. */
  rename?: Readonly<Record<string, string>>
  /** What floe does about each quirk, for the documentation. */
  quirks: readonly (readonly [quirk: string, floe: string])[]
  /** Repositories of GitHub, issues in them, and the vendor's own pages. */
  sources: readonly string[]
}

/** Kinds of servers whose ways are known; docs/vendors.md. */
export type VendorId = 'epic' | 'oracle' | 'athena' | 'azure' | 'hapi' | 'bcda' | 'dpc' | 'smart' | 'pathling'

/** Differences as data. What a tolerant client does for every server is not repeated in code: it stands here to be read. */
export const vendors: readonly VendorProfile[] = [
  {
    id: 'epic',
    name: 'Epic',
    detect: /\bepic\b/i,
    quirks: [
      ['Jobs take days to weeks', '`--wait-max` is 30 days; the job is kept and taken up by `floe resume`'],
      [
        'One job for each client and Group until it is deleted',
        'DELETE after a verified download; a 429 at kick-off is waited for',
      ],
      [
        '`_since` is not reliable in older versions',
        'without an earlier verified export `--since auto` makes a full one; `--type-filter` takes date filters',
      ],
      [
        'Only a Group that the site made can be exported',
        '`--group ID`; where bulk is too slow, `--export-mode crawl` reads by search, also for a list of patients (`--id-file`)',
      ],
    ],
    sources: ['fhir.epic.com, bulk data tutorial', 'smart-on-fhir/smart-fetch'],
  },
  {
    id: 'oracle',
    name: 'Oracle Health Millennium and Soarian',
    detect: /\b(oracle|cerner)\b/i,
    scopes: 'per-type',
    quirks: [
      ['Repeated `_type` is refused', 'GET joins lists by commas'],
      ['A scope is needed for every type of `_type`', 'asked for one by one when `--type` names them'],
      ['File addresses answer 307 to another host', 'followed without the token'],
      ['`requiresAccessToken` is the text "true"', 'text and boolean are read'],
      ['Retry-After of hours', 'obeyed up to `--poll-max`'],
      ['The same resource in several files', 'loading keeps the newest and counts the others as duplicates'],
    ],
    sources: ['docs.oracle.com, bulk data of Millennium (mfbda) and Soarian (sfbda)', 'cerner/fhir.cerner.com'],
  },
  {
    id: 'athena',
    name: 'athenahealth',
    detect: /\bathena/i,
    quirks: [
      [
        'Exports are for one practice, by a Group of all its patients',
        'one export folder for each practice, loaded with its own `--source`',
      ],
    ],
    sources: ['docs.athenahealth.com, FHIR bulk export workflow'],
  },
  {
    id: 'azure',
    name: 'Azure Health Data Services, Microsoft FHIR server',
    detect: /\b(azure|microsoft)\b/i,
    rename: { _until: '_till' },
    quirks: [
      ['GET only, exactly one Accept, no Prefer but `respond-async` and `handling`', 'requests have no others'],
      ['`_till` instead of `_until`', 'renamed'],
      [
        '`requiresAccessToken` is false, and files need storage credentials',
        'a refused file is exit 6 with its status; give signed addresses by the storage account',
      ],
      ['Neither X-Progress nor Retry-After', 'asked after 2 s, doubling to 60 s'],
    ],
    sources: ['microsoft/fhir-server'],
  },
  {
    id: 'hapi',
    name: 'HAPI FHIR',
    detect: /\bhapi\b/i,
    quirks: [
      [
        'Files are Binary resources unless NDJSON is asked for',
        '`Accept: application/fhir+ndjson`; a Binary in place of a file is refused',
      ],
      ['Results end after two hours by default', 'downloads begin at once; a file that is gone makes the manifest be read again'],
      ['DELETE of a finished job answers 404', 'taken for done'],
      ['Blank lines at the beginning of files', 'not counted'],
    ],
    sources: ['hapifhir/hapi-fhir', 'hapifhir/hapi-fhir-jpaserver-starter/issues/256'],
  },
  {
    id: 'bcda',
    name: 'BCDA (CMS)',
    detect: /\b(bcda|beneficiary claims data)\b/i,
    quirks: [
      ['`Expires` is no HTTP date', 'unreadable dates count as absent'],
      ['An expired job answers 410', 'exit 5 after four tries; what landed stays'],
      ['Warnings are always in `error`', 'severity decides: warnings are exit 0'],
      ['Client id and secret by HTTP Basic', '`--client-secret`'],
    ],
    sources: ['CMSgov/bcda-app'],
  },
  {
    id: 'dpc',
    name: 'DPC (CMS)',
    detect: /\b(dpc|data at the point of care)\b/i,
    quirks: [['A missing Accept is 400, `*/*` is 415', 'every request names one type']],
    sources: ['CMSgov/dpc-app'],
  },
  {
    id: 'smart',
    name: 'SMART reference server',
    detect: /\bsmart\b.*\bbulk\b/i,
    quirks: [
      ['Transient 500 with issue code `transient`', 'asked again'],
      ['413 as text', 'shown as text'],
      [
        'The `count` of a file of `error` is that of the resources that were lost, not of its lines (2.1.1)',
        'such a file is kept after a second look, exit 7: all data are there',
      ],
      ['In organised output `count` leaves the header lines out (2.1.1)', 'a count with or without them is right'],
      ['`deleted` is told with `_since` only', 'loaded as tombstones'],
    ],
    sources: ['smart-on-fhir/bulk-data-server 2.1.1 (5df455a), run with drills/third-party.ts'],
  },
  {
    id: 'pathling',
    name: 'Pathling',
    detect: /\bpathling\b/i,
    quirks: [['File addresses differ in their query only', 'files have names of their own']],
    sources: ['aehrc/pathling'],
  },
]

/** The profile of a server, by what its CapabilityStatement says of itself. */
export function detectVendor(software: { softwareName: string | null; publisher: string | null }): VendorProfile | undefined {
  const text = `${software.softwareName ?? ''} ${software.publisher ?? ''}`
  return vendors.find(({ detect }) => detect.test(text))
}

/** The scopes to ask for: a wildcard, or one for each type where wildcards are refused and the types are known. */
export function scopesFor(vendor: VendorProfile | undefined, types: readonly string[], wildcard: string): string {
  const permission = wildcard.replace('system/*', '')
  if (vendor?.scopes !== 'per-type' || types.length === 0 || permission === wildcard) return wildcard
  return types.map((type) => `system/${type}${permission}`).join(' ')
}
