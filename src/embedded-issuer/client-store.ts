import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ClientMetadata } from 'oidc-provider';
import type { GrantorRegistration } from './grantor-registration.ts';
import { durably } from './state-file.ts';

/** A registration as it is kept: RFC 7591 client metadata with our own member. */
export type StoredClient = ClientMetadata & {
  readonly client_id: string;
  readonly software_id?: string;
  readonly grantor?: GrantorRegistration;
};

/** The registered clients. */
export class ClientStore {
  readonly #db: DatabaseSync;
  readonly #byID: StatementSync;
  readonly #bySoftwareID: StatementSync;
  readonly #byWorkload: StatementSync;
  readonly #tokensRevokedAt: StatementSync;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#byID = db.prepare('SELECT metadata FROM clients WHERE client_id = ?');
    this.#bySoftwareID = db.prepare('SELECT metadata FROM clients WHERE software_id = ?');
    this.#byWorkload = db.prepare(
      'SELECT metadata FROM clients WHERE workload_issuer = ? AND workload_subject = ?',
    );
    this.#tokensRevokedAt = db.prepare('SELECT tokens_revoked_at FROM clients WHERE client_id = ?');
  }

  find(clientID: string): StoredClient | undefined {
    return clientIn(this.#byID.get(clientID));
  }

  findBySoftwareID(softwareID: string): StoredClient | undefined {
    return clientIn(this.#bySoftwareID.get(softwareID));
  }

  findByWorkload(issuer: string, subject: string): StoredClient | undefined {
    return clientIn(this.#byWorkload.get(issuer, subject));
  }

  /** Adds the client, or replaces its metadata. What was revoked stays revoked. */
  save(client: StoredClient): void {
    const statement = `INSERT INTO clients (client_id, metadata) VALUES (?, ?)
      ON CONFLICT (client_id) DO UPDATE SET metadata = excluded.metadata`;
    durably(this.#db, () => this.#db.prepare(statement).run(client.client_id, JSON.stringify(client)));
  }

  /** Removes the client and what was issued to manage it. */
  remove(clientID: string): void {
    durably(this.#db, () => {
      this.#db.prepare('DELETE FROM artifacts WHERE client_id = ?').run(clientID);
      this.#db.prepare('DELETE FROM clients WHERE client_id = ?').run(clientID);
    });
  }

  /** Revokes every access token that was issued to the client up to `now`, in seconds, that second included. */
  revokeTokens(clientID: string, now: number): void {
    const statement = 'UPDATE clients SET tokens_revoked_at = max(tokens_revoked_at, ?) WHERE client_id = ?';
    durably(this.#db, () => this.#db.prepare(statement).run(now, clientID));
  }

  /** The second up to which the client's tokens are revoked, 0 for never; nothing if there is no such client. */
  tokensRevokedAt(clientID: string): number | undefined {
    const row = this.#tokensRevokedAt.get(clientID);
    return row === undefined ? undefined : Number(row['tokens_revoked_at']);
  }
}

function clientIn(row: Record<string, unknown> | undefined): StoredClient | undefined {
  return row === undefined ? undefined : (JSON.parse(String(row['metadata'])) as StoredClient);
}
