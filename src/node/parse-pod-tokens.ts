import { parseInstant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import { Secret } from '../std/secret.ts';
import type { Unread } from './protobuf.ts';
import type { PodToken } from './volumes.ts';

const most = { characters: 512 * 1024, audiences: 64, audience: 1024, token: 16 * 1024 };

/**
 * Reads the ServiceAccount tokens that the kubelet brings (`csi.storage.k8s.io/serviceAccount.tokens`): JSON from audiences to
 * `{ token, expirationTimestamp }`. What is wrong with them is said without a character of theirs.
 */
export function parsePodTokens(json: Unread): Result<ReadonlyMap<string, PodToken>, string> {
  const refused = err(
    "the ServiceAccount tokens of the pod are not as the kubelet writes them; the node's kubelet may be too new",
  );
  const { text } = json.reveal();
  if (text.length > most.characters) return refused;
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return refused;
  }
  if (!isObject(raw)) return refused;
  const entries = Object.entries(raw);
  if (entries.length > most.audiences) return refused;
  const tokens = new Map<string, PodToken>();
  for (const [audience, entry] of entries) {
    if (!isObject(entry) || audience.length > most.audience) return refused;
    const { token, expirationTimestamp } = entry;
    if (typeof token !== 'string' || !isJWT(token) || typeof expirationTimestamp !== 'string') return refused;
    const expiresAt = parseInstant(expirationTimestamp);
    if (!expiresAt.ok) return refused;
    tokens.set(audience, { token: new Secret(token), expiresAt: expiresAt.value });
  }
  return ok(tokens);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isJWT = (text: string): boolean => text.length <= most.token && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(text);
