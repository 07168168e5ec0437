import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AdapterPayload } from 'oidc-provider';
import type { Clock } from '../std/clock.ts';
import { sha256 } from '../std/digest.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { durably } from './state-file.ts';

/** How many registration access tokens of one client work at a time: the newest, and one for a request that crossed it. */
const managersPerClient = 2;

/**
 * What oidc-provider keeps by id and model: registration access tokens and the marks of assertions that were seen. The id of
 * such a thing *is* the token, so only its digest is stored.
 */
export class ArtifactStore {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #find: StatementSync;
  readonly #insert: StatementSync;

  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#find = db.prepare(
      'SELECT payload FROM artifacts WHERE model = ? AND id = ? AND (expires_at IS NULL OR expires_at > ?)',
    );
    // What has expired may be replaced; what lives may not.
    this.#insert = db.prepare(`INSERT INTO artifacts (model, id, payload, client_id, created_at, expires_at)
      VALUES (:model, :id, :payload, :clientID, :now, :expiresAt)
      ON CONFLICT (model, id) DO UPDATE SET payload = excluded.payload, expires_at = excluded.expires_at
      WHERE expires_at <= :now`);
  }

  find(model: string, id: string): AdapterPayload | undefined {
    const row = this.#find.get(model, sha256(id), epochSeconds(this.#clock));
    return row === undefined ? undefined : { ...JSON.parse(String(row['payload'])), jti: id };
  }

  /** Keeps an artifact for `expiresIn` seconds, or for ever. Says whether it is new: ids are used once. */
  add(model: string, id: string, payload: AdapterPayload, expiresIn: number | undefined): boolean {
    const now = epochSeconds(this.#clock);
    const { jti: _, ...rest } = payload;
    const { changes } = this.#insert.run({
      model,
      id: sha256(id),
      payload: JSON.stringify(rest),
      clientID: payload.clientId ?? null,
      now,
      expiresAt: expiresIn === undefined ? null : now + expiresIn,
    });
    return changes === 1;
  }

  /** Keeps a registration access token, on disk before it is answered, and lets go of the client's older ones. */
  addManager(model: string, id: string, payload: AdapterPayload): void {
    durably(this.#db, () => {
      this.add(model, id, payload, undefined);
      this.#db
        .prepare(
          `DELETE FROM artifacts WHERE model = :model AND client_id = :clientID AND id NOT IN (SELECT id FROM artifacts
            WHERE model = :model AND client_id = :clientID ORDER BY created_at DESC, id = :id DESC LIMIT :keep)`,
        )
        .run({ model, clientID: payload.clientId ?? null, id: sha256(id), keep: managersPerClient });
    });
  }

  remove(model: string, id: string): void {
    this.#db.prepare('DELETE FROM artifacts WHERE model = ? AND id = ?').run(model, sha256(id));
  }

  /** Forgets what has expired. */
  purge(): void {
    this.#db.prepare('DELETE FROM artifacts WHERE expires_at <= ?').run(epochSeconds(this.#clock));
  }
}
