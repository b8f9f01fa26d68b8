import type { Control } from './control.ts'

/** Who may call the server. */
export interface Client {
  readonly id: string
  readonly scope: string
  /** Groups that it is bound to; none: it is bound to no Group. */
  readonly groups: readonly string[]
  /** Its public keys, or where they are. */
  readonly jwks?: { readonly keys: readonly Record<string, unknown>[] }
  readonly jwksUrl?: string
  /** Its tokens come from the issuer of the server; it has no keys here. */
  readonly external?: boolean
  readonly createdAt: string
}

export function listClients(control: Control): Client[] {
  return control.all('select * from clients order by id').map(clientOf)
}

export function findClient(control: Control, id: string): Client | undefined {
  const row = control.one('select * from clients where id = ?', [id])
  return row === undefined ? undefined : clientOf(row)
}

/** Adds a client, or replaces the one of that id: its tokens are void from then on. */
export function putClient(control: Control, client: Client): void {
  control.transaction(() => {
    forget(control, client.id)
    control.run('insert into clients (id, scope, groups, jwks, jwks_url, created_at, external) values (?, ?, ?, ?, ?, ?, ?)', [
      client.id,
      client.scope,
      JSON.stringify(client.groups),
      client.jwks === undefined ? null : JSON.stringify(client.jwks),
      client.jwksUrl ?? null,
      client.createdAt,
      client.external === true ? 1 : 0,
    ])
  })
}

/** Its jobs are over, too: who is registered under that id later is somebody else. False when there was none. */
export function removeClient(control: Control, id: string): boolean {
  return control.transaction(() => {
    control.run(
      "update jobs set expires_at = 0, state = case when state in ('queued', 'running') then 'failed' else state end where client = ?",
      [id],
    )
    return forget(control, id)
  })
}

function forget(control: Control, id: string): boolean {
  control.run('delete from tokens where client = ?', [id])
  return control.run('delete from clients where id = ?', [id]) > 0
}

function clientOf(row: Readonly<Record<string, unknown>>): Client {
  return {
    id: String(row.id),
    scope: String(row.scope),
    groups: JSON.parse(String(row.groups)) as string[],
    createdAt: String(row.created_at),
    ...(row.external === 1 ? { external: true } : {}),
    ...(row.jwks === null ? {} : { jwks: JSON.parse(String(row.jwks)) as NonNullable<Client['jwks']> }),
    ...(row.jwks_url === null ? {} : { jwksUrl: String(row.jwks_url) }),
  }
}
