import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Clock } from '../std/clock.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { lifetimeBounds } from './grantor-registration.ts';
import { durably } from './state-file.ts';

/** The access tokens that were revoked one by one (RFC 7009), by `jti`, for as long as any of them could be valid. */
export class RevokedTokens {
  readonly #db: DatabaseSync;
  readonly #clock: Clock;
  readonly #find: StatementSync;

  constructor(db: DatabaseSync, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
    this.#find = db.prepare('SELECT 1 FROM revoked_tokens WHERE jti = ?');
  }

  add(jti: string): void {
    const expiresAt = epochSeconds(this.#clock) + lifetimeBounds.max;
    const statement = 'INSERT INTO revoked_tokens (jti, expires_at) VALUES (?, ?) ON CONFLICT DO NOTHING';
    durably(this.#db, () => this.#db.prepare(statement).run(jti, expiresAt));
  }

  has(jti: string): boolean {
    return this.#find.get(jti) !== undefined;
  }

  /** Forgets what has expired. */
  purge(): void {
    this.#db.prepare('DELETE FROM revoked_tokens WHERE expires_at <= ?').run(epochSeconds(this.#clock));
  }
}
