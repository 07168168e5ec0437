import type { PodProof } from '../domain/volume-facts.ts';
import { milliseconds } from '../std/duration.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';

/** Whose pod a ServiceAccount token is of, as the API server writes it into bound tokens (KEP-1205). */
export type PodClaims = Omit<PodProof, 'expiresAt' | 'spent'>;

/** No ServiceAccount token comes near this. */
const longestToken = 16 * 1024;

/**
 * Reads whose a ServiceAccount token is. Its signature is for the issuer to look at: the kubelet, which brought it, is trusted, and what it
 * says is only compared with what the kubelet says itself. `audience` has to be its only one: it opens nothing elsewhere.
 */
export function readPodToken(token: Secret, audience: string): Result<PodClaims, string> {
  const text = token.reveal();
  if (text.length > longestToken) return err('it is too long');
  const parts = text.split('.');
  if (parts.length !== 3) return err('it is no JWT');
  let claims: unknown;
  try {
    claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString('utf8'));
  } catch {
    return err('it is no JWT');
  }
  const { aud, iat, exp } = members(claims);
  if (Array.isArray(aud) ? aud.length !== 1 || aud[0] !== audience : aud !== audience)
    return err('it has another audience');
  if (typeof iat !== 'number' || typeof exp !== 'number' || !(exp > iat)) return err('it has no life');
  const { namespace, pod, serviceaccount } = members(members(claims)['kubernetes.io']);
  const account = members(serviceaccount);
  const { uid: podUID } = members(pod);
  if (!isText(namespace) || !isText(podUID) || !isText(account['name']) || !isText(account['uid']))
    return err('it is not bound to a pod');
  return ok({
    namespace,
    podUID,
    serviceAccountName: account['name'],
    serviceAccountUID: account['uid'],
    life: milliseconds((exp - iat) * 1000),
  });
}

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

/** What is no object has no members. */
const members = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
