/** What the control database is made of, oldest first; `user_version` counts those that were done. Never change one: add one. */
export const migrations: readonly string[] = [
  `
create table clients (
  id text primary key,
  scope text not null,
  groups text not null,            -- JSON array; empty: not bound to Groups
  jwks text,                       -- JSON, or
  jwks_url text,
  created_at text not null) strict;

create table assertions (          -- jti of client assertions until they would have expired
  client text not null,
  jti text not null,
  expires_at integer not null,     -- seconds since 1970
  primary key (client, jti)) strict;

create table tokens (              -- access tokens by their SHA-256: the file gives none away
  hash text primary key,
  client text not null,
  scope text not null,
  expires_at integer not null) strict;

create table jobs (
  id text primary key,
  kind text not null,              -- export, import
  client text not null,
  state text not null,             -- queued, running, complete, failed
  request text not null,           -- URL of the kick-off
  spec text not null,              -- JSON: everything that the job needs to go on
  created_at text not null,
  finished_at text,
  expires_at integer not null,     -- milliseconds since 1970; of a running job far away
  transaction_time text,
  result text,                     -- JSON
  error text) strict;
create index jobs_by_state on jobs (state, created_at);

create table units (
  job text not null references jobs (id) on delete cascade,
  position integer not null,
  spec text not null,              -- JSON
  weight integer not null,
  done integer not null default 0,
  primary key (job, position)) strict;

create table files (
  job text not null references jobs (id) on delete cascade,
  name text not null,
  item text not null,              -- output, deleted, error
  type text not null,              -- whose read scope a reader needs
  position integer not null,
  bytes integer not null,
  lines integer not null,
  sha256 text not null,
  primary key (job, name)) strict;

create table audit (
  id integer primary key autoincrement,
  recorded text not null,
  client text,
  action text not null,
  outcome text not null,
  event text not null) strict;     -- AuditEvent as JSON
create trigger audit_is_kept before delete on audit begin select raise(abort, 'the audit trail is append-only'); end;
create trigger audit_is_fixed before update on audit begin select raise(abort, 'the audit trail is append-only'); end;
`,
  `
alter table clients add column external integer not null default 0;  -- its tokens come from the issuer

create table url_keys (            -- keys of signed addresses of files
  id text primary key,
  secret text not null,
  created_at integer not null) strict;

create table disclosures (         -- whose data an export held
  id integer primary key autoincrement,
  job text not null,               -- SHA-256 of the job's id: the trail opens nothing
  client text not null,
  address text,
  recorded text not null,
  patient text not null,
  unique (job, patient)) strict;
create index disclosures_by_patient on disclosures (patient, id);
create trigger disclosures_are_kept before delete on disclosures begin select raise(abort, 'disclosures are append-only'); end;
create trigger disclosures_are_fixed before update on disclosures begin select raise(abort, 'disclosures are append-only'); end;
`,
]
