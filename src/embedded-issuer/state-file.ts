import { chmodSync, closeSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { OperatorError } from '../std/operator-error.ts';

const schemaVersion = 1;

/*
 * Everything that must outlive the process. A client's metadata is kept once, as JSON; what clients are looked up by are
 * columns derived from it, so the two cannot disagree. NULLs are distinct in a UNIQUE index: clients without a `software_id`
 * or a workload do not collide.
 */
const schema = `
  CREATE TABLE clients (
    client_id         TEXT PRIMARY KEY,
    metadata          TEXT NOT NULL,
    tokens_revoked_at INTEGER NOT NULL DEFAULT 0,
    software_id       TEXT AS (metadata ->> '$.software_id'),
    workload_issuer   TEXT AS (metadata ->> '$.grantor.workload.issuer'),
    workload_subject  TEXT AS (metadata ->> '$.grantor.workload.subject')
  ) STRICT;
  CREATE UNIQUE INDEX clients_by_software_id ON clients (software_id);
  CREATE UNIQUE INDEX clients_by_workload ON clients (workload_issuer, workload_subject);

  CREATE TABLE artifacts (
    model      TEXT NOT NULL,
    id         TEXT NOT NULL,
    payload    TEXT NOT NULL,
    client_id  TEXT,
    created_at INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (model, id)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX artifacts_by_client ON artifacts (client_id, model, created_at) WHERE client_id IS NOT NULL;
  CREATE INDEX artifacts_by_expiry ON artifacts (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE revoked_tokens (jti TEXT PRIMARY KEY, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);

  CREATE TABLE signing_keys (kid TEXT PRIMARY KEY, jwk TEXT NOT NULL, created_at INTEGER NOT NULL) STRICT;
`;

/**
 * Opens the issuer's state, one SQLite file that only its owner may read, and makes it if it is not there. The file stays
 * locked while it is open: two issuers with one state would not see each other's registrations in time.
 * All times in it are whole seconds since the epoch, as in the tokens themselves.
 *
 * @throws OperatorError `ISSUER_STATE` when the file cannot be used
 */
export function openStateFile(path: string): DatabaseSync {
  try {
    closeSync(openSync(path, 'a', 0o600));
    chmodSync(path, 0o600);
    const db = new DatabaseSync(path);
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
    migrate(db);
    return db;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : 'unknown error';
    throw new OperatorError('ISSUER_STATE', `cannot use the state file ${path}: ${reason}`, cause);
  }
}

function migrate(db: DatabaseSync): void {
  const version = Number(db.prepare('PRAGMA user_version').get()?.['user_version']);
  if (version === schemaVersion) return;
  if (version !== 0)
    throw new Error(`its format ${version} is newer than this program; use the newer program`);
  transaction(db, () => db.exec(`${schema}; PRAGMA user_version = ${schemaVersion}`));
}

/** Runs `work` in one transaction: all of it is kept, or none. */
function transaction<T>(db: DatabaseSync, work: () => T): T {
  db.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    db.exec('COMMIT');
    return result;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Runs `work` in a transaction that is on disk when it returns: for what someone else will rely on, such as a registration.
 * Everything else, such as the marks of assertions seen, survives the end of the process but not a power failure.
 */
export function durably<T>(db: DatabaseSync, work: () => T): T {
  db.exec('PRAGMA synchronous = FULL');
  try {
    return transaction(db, work);
  } finally {
    db.exec('PRAGMA synchronous = NORMAL');
  }
}
