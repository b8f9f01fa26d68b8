/** How to reach the server and be let in. */
export const connectOptions = [
  { key: 'tokenUrl', type: 'url', help: 'token endpoint; without it the server is asked (SMART discovery)' },
  {
    key: 'smartClientId',
    type: 'text',
    value: 'ID|FILE',
    aliases: ['client-id', 'bulk-smart-client-id'],
    help: 'client id of SMART Backend Services, or a file that holds it',
  },
  {
    key: 'smartKey',
    type: 'path',
    value: 'FILE',
    aliases: ['smart-jwks', 'bulk-smart-key'],
    help: 'private key: JWKS, JWK or PEM',
  },
  { key: 'clientSecret', type: 'secret', help: 'OAuth client secret' },
  { key: 'basicUser', type: 'text', value: 'U', help: 'user of HTTP Basic authentication' },
  { key: 'basicPasswd', type: 'secret', help: 'password of HTTP Basic authentication' },
  { key: 'bearerToken', type: 'secret', help: 'a fixed access token' },
  { key: 'trustOrigin', type: 'list', value: 'URL,…', help: 'other origins that may get the token (files, status)' },
  { key: 'caFile', type: 'path', value: 'FILE', help: 'certificate authorities to trust, PEM' },
  {
    key: 'vendor',
    type: 'choice',
    choices: ['auto', 'epic', 'oracle', 'athena', 'azure', 'hapi', 'bcda', 'dpc', 'smart', 'pathling'],
    value: 'NAME',
    defaultText: 'auto: its CapabilityStatement tells',
    help: 'the kind of server (docs/vendors.md)',
  },
] as const

/** What may be done: asked for by a client, or granted to one. */
export const scopeOptions = [
  { key: 'scope', type: 'text', value: 'S', help: 'scopes; an export without it asks for one per type, or system/*.rs' },
] as const

/** Which Group. */
export const groupOptions = [
  { key: 'group', type: 'repeat', value: 'ID', short: 'g', help: 'the Group to export; of a client: one that it is bound to' },
] as const

/** What a key is called: of a request, and of a new key. */
export const keyIdOptions = [
  { key: 'kid', type: 'text', value: 'ID', help: 'the key in a JWKS, or the key id for a PEM or new key' },
] as const

/** Whose data; without any of these the URL has to tell it. */
export const levelOptions = [
  { key: 'fhirUrl', type: 'url', short: 'f', help: 'FHIR base URL, where it is not the first argument' },
  { key: 'patientLevel', type: 'flag', help: 'export all patients (/Patient/$export)' },
  { key: 'system', type: 'flag', aliases: ['global'], help: 'export the whole system (/$export)' },
  { key: 'patient', type: 'list', value: 'ID,…|@FILE', short: 'p', help: 'only these patients (POST)' },
  { key: 'idFile', type: 'path', value: 'FILE', help: 'only the patients of this list: ids, or CSV with a column id or mrn' },
  { key: 'idSystem', type: 'text', value: 'URI', help: 'the system of the numbers in column mrn (crawl only)' },
] as const

/** Parameters of the kick-off request. */
export const parameterOptions = [
  { key: 'type', type: 'list', value: 'T,…', short: 't', help: 'resource types (_type)' },
  {
    key: 'typeFilter',
    type: 'repeat',
    value: 'Q',
    help: 'a search that narrows a type (_typeFilter), Observation?category=laboratory',
  },
  {
    key: 'since',
    type: 'text',
    value: 'INSTANT|auto',
    short: 's',
    help: 'changed since (_since); auto: since the last verified export',
  },
  { key: 'until', type: 'text', value: 'INSTANT', help: 'changed before (_until)' },
  { key: 'elements', type: 'list', value: 'E,…', short: 'e', help: 'only these elements (_elements)' },
  { key: 'includeAssociatedData', type: 'list', value: 'V,…', short: 'i', help: 'associated data (includeAssociatedData)' },
  { key: 'outputFormat', type: 'text', value: 'F', short: 'F', help: 'format of the files (_outputFormat)' },
  { key: 'organizeOutputBy', type: 'text', value: 'T', help: 'one file per resource of this type (organizeOutputBy)' },
  { key: 'partialManifests', type: 'flag', help: 'take files while the job still runs (allowPartialManifests)' },
  { key: 'param', type: 'repeat', value: 'K=V', aliases: ['custom'], help: 'any other parameter of the kick-off' },
  { key: 'kickoff', type: 'choice', choices: ['auto', 'get', 'post'], default: 'auto', help: 'how to kick off' },
  { key: 'lenient', type: 'flag', help: 'let the server ignore what it does not know (Prefer: handling=lenient)' },
] as const

/** Other ways than `$export`, and what may be added to it. */
export const modeOptions = [
  {
    key: 'exportMode',
    type: 'choice',
    choices: ['bulk', 'crawl'],
    default: 'bulk',
    help: 'crawl: FHIR searches, for servers without $export; needs --type',
  },
] as const

/** What is fetched beside the files of the manifest, from the same server. */
export const additionOptions = [
  {
    key: 'attachments',
    type: 'choice',
    choices: ['off', 'inline', 'files'],
    default: 'off',
    help: 'notes that DocumentReference and DiagnosticReport link to: into their lines, or below attachments/',
  },
  {
    key: 'mimetypes',
    type: 'list',
    value: 'T,…',
    defaultText: 'text, HTML, XML, RTF with inline; all with files',
    help: 'content types of attachments to fetch, by their beginning',
  },
  {
    key: 'attachmentMax',
    type: 'size',
    value: 'SIZE',
    aliases: ['inline-max'],
    defaultText: '5MB with inline, 50MB with files',
    help: 'longer attachments stay links',
  },
  {
    key: 'hydrate',
    type: 'list',
    value: 'TASK,…',
    aliases: ['hydration-tasks'],
    help: 'referenced resources: medication, practitioner, organization, location, observation, encounter, device',
  },
] as const

/** What `floe export` does with a job that is there already. */
export const takeUpOptions = [
  {
    key: 'resume',
    type: 'flag-or-text',
    value: 'URL',
    flagOnly: true,
    aliases: ['status', 'pending-job-url'],
    help: 'take up the unfinished export in DEST, or the job at URL',
  },
  { key: 'cancel', type: 'flag', flagOnly: true, help: 'cancel the job of DEST and start nothing' },
] as const

/** The server's job. */
export const jobOptions = [
  { key: 'keepJob', type: 'flag', help: "leave the server's job and files when all is verified" },
  { key: 'waitMax', type: 'duration', value: 'TIME', default: '30d', help: 'longest time that the server may take' },
  { key: 'pollMax', type: 'duration', value: 'TIME', default: '300s', help: 'longest time between two status requests' },
] as const

/** Getting the files. */
export const downloadOptions = [
  {
    key: 'parallel',
    type: 'integer',
    short: 'P',
    aliases: ['parallel-downloads'],
    min: 1,
    default: '5',
    help: 'files at a time',
  },
  { key: 'retries', type: 'integer', min: 0, default: '8', help: 'further attempts per file' },
  { key: 'retryMaxTime', type: 'duration', value: 'TIME', default: '1h', help: 'longest that one trouble may last' },
  { key: 'idleTimeout', type: 'duration', value: 'TIME', default: '120s', help: 'longest silence of a request' },
  { key: 'rateLimit', type: 'size', value: 'SIZE', help: 'bytes per second over all downloads together' },
  { key: 'minFreeSpace', type: 'size', value: 'SIZE', default: '64MB', help: 'what must stay free on the disk' },
  { key: 'range', type: 'flag', negated: true, default: 'true', help: 'never ask for a part of a file' },
  { key: 'allowCountMismatch', type: 'flag', help: 'keep a file whose lines are not those of the manifest; exit 7' },
] as const
