import type { DatabaseSync } from 'node:sqlite';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Clock } from '../std/clock.ts';
import { Secret } from '../std/secret.ts';
import { epochSeconds } from './epoch-seconds.ts';
import { durably } from './state-file.ts';

/** The one algorithm that access tokens are signed with. */
export const signingAlgorithm = 'ES256';

/** The keys that sign access tokens, newest first, as private JWKs. The first start makes one; it stays with the state. */
export async function loadSigningKeys(db: DatabaseSync, clock: Clock): Promise<Secret<readonly JWK[]>> {
  const stored = storedKeys(db);
  if (stored.length > 0) return new Secret(stored);
  const key = await newSigningKey();
  const statement = 'INSERT INTO signing_keys (kid, jwk, created_at) VALUES (?, ?, ?)';
  durably(db, () => db.prepare(statement).run(key.kid, JSON.stringify(key), epochSeconds(clock)));
  return new Secret([key]);
}

/** A fresh ES256 key as a private JWK, named by its thumbprint (RFC 7638). */
export async function newSigningKey(): Promise<JWK & { readonly kid: string }> {
  const { privateKey } = await generateKeyPair(signingAlgorithm, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: signingAlgorithm, use: 'sig' };
}

/** The public half of a JWK: everything but `d`, which is all that an EC key hides (RFC 7518 section 6.2.2). */
export function publicJWK(jwk: JWK): JWK {
  const { d: _, ...rest } = jwk;
  return rest;
}

function storedKeys(db: DatabaseSync): JWK[] {
  const rows = db.prepare('SELECT jwk FROM signing_keys ORDER BY created_at DESC').all();
  return rows.map((row) => JSON.parse(String(row['jwk'])) as JWK);
}
