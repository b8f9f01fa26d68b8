/** Where the server listens, whom it lets in, and its limits (CONTRACT §5.3). */
export const serveOptions = [
  { key: 'host', type: 'text', value: 'ADDRESS', default: '127.0.0.1', help: 'address to listen on' },
  { key: 'open', type: 'flag', flagOnly: true, help: 'no authentication; on this machine only' },
  { key: 'publicUrl', type: 'url', help: 'address that clients use, where a proxy stands in between' },
  { key: 'importAllow', type: 'list', value: 'PREFIX,…', help: 'addresses that $import may fetch from; none by default' },
  { key: 'issuer', type: 'url', help: 'another authorization server, whose access tokens (JWTs) are taken' },
  { key: 'issuerJwksUrl', type: 'url', help: 'where its public keys are' },
  { key: 'issuerTokenUrl', type: 'url', help: 'where clients get its tokens' },
  { key: 'issuerAudience', type: 'text', help: 'what its tokens call this server', defaultText: 'the FHIR base' },
  {
    key: 'fileUrls',
    type: 'choice',
    choices: ['bearer', 'signed'],
    default: 'bearer',
    help: 'files want the access token, or have signed addresses that are good for a time',
  },
  { key: 'fileUrlTtl', type: 'duration', value: 'TIME', default: '1h', help: 'how long a signed address is good' },
  { key: 'disclosures', type: 'flag', help: 'write down, patient by patient, whose data each export held' },
  { key: 'exportTtl', type: 'duration', value: 'TIME', default: '24h', help: 'how long files of finished jobs are kept' },
  {
    key: 'sharedTypes',
    type: 'list',
    value: 'T,…',
    help: 'types that belong to no patient and go along, whole, with patients and Groups',
  },
  { key: 'tokenTtl', type: 'duration', value: 'TIME', default: '300s', help: 'life of an access token, 300s at most' },
  {
    key: 'drainTimeout',
    type: 'duration',
    value: 'TIME',
    default: '20s',
    help: 'how long downloads go on when the server is told to stop',
  },
  { key: 'maxExports', type: 'integer', min: 1, default: '4', help: 'exports at the same time' },
  { key: 'maxExportsPerClient', type: 'integer', min: 1, default: '2', help: 'exports of one client at the same time' },
  { key: 'maxImport', type: 'size', value: 'SIZE', default: '10GB', help: 'longest input of an import' },
  {
    key: 'logLevel',
    type: 'choice',
    choices: ['debug', 'info', 'warn', 'error', 'silent'],
    default: 'info',
    help: 'what the server logs on standard error',
  },
] as const

export const clientIdOptions = [{ key: 'id', type: 'text', value: 'ID', flagOnly: true, help: "the client's id" }] as const

export const clientOptions = [
  { key: 'jwks', type: 'path', value: 'FILE', flagOnly: true, help: 'its public keys' },
  { key: 'jwksUrl', type: 'url', value: 'URL', flagOnly: true, help: 'where its public keys are' },
  { key: 'external', type: 'flag', flagOnly: true, help: 'it has no keys here: its tokens come from the issuer of floe serve' },
] as const
