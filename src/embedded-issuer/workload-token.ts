import { decodeJwt, errors, type JWTPayload, jwtVerify } from 'jose';
import type { Instant } from '../std/instant.ts';
import { err, ok, type Result } from '../std/result.ts';
import type { Secret } from '../std/secret.ts';
import type { ClusterKeys } from './cluster-keys.ts';
import type { Workload } from './grantor-registration.ts';

/** Why a workload could not log in: its token is no good, or its cluster's keys cannot be had at the moment. */
export interface LoginRefusal {
  readonly kind: 'rejected' | 'unavailable';
  /** For the log, not for the caller. */
  readonly detail: string;
}

/** How far clocks may be apart, in seconds. */
export const clockTolerance = 30;

/** What a JWT says about its issuer before anything is verified; nothing if it is not a JWT. */
export function claimedIssuer(token: Secret): string | undefined {
  try {
    return decodeJwt(token.reveal()).iss;
  } catch {
    return undefined;
  }
}

/**
 * Verifies a Kubernetes ServiceAccount token (RFC 7523 section 3 as client authentication): signed by the cluster, for
 * `audience` alone, not expired. Says which workload it speaks for.
 */
export async function verifyWorkloadToken(
  token: Secret,
  expected: {
    readonly issuer: string;
    readonly audience: string;
    readonly keys: ClusterKeys;
    readonly now: Instant;
  },
): Promise<Result<Workload, LoginRefusal>> {
  try {
    const { payload } = await jwtVerify(token.reveal(), expected.keys.get, {
      issuer: expected.issuer,
      audience: expected.audience,
      algorithms: ['RS256', 'ES256'],
      requiredClaims: ['exp', 'sub'],
      clockTolerance,
      currentDate: new Date(expected.now),
    });
    return workloadOf(payload, expected.issuer);
  } catch (error) {
    return err(refusalOf(error));
  }
}

function workloadOf(payload: JWTPayload, issuer: string): Result<Workload, LoginRefusal> {
  if (Array.isArray(payload.aud) && payload.aud.length !== 1) {
    return err({ kind: 'rejected', detail: 'the token has other audiences beside this issuer' });
  }
  const uid = serviceAccountUID(payload['kubernetes.io']);
  if (typeof payload.sub !== 'string' || uid === undefined) {
    return err({ kind: 'rejected', detail: 'the token is not one of a ServiceAccount' });
  }
  return ok({ issuer, subject: payload.sub, uid });
}

/** `kubernetes.io`.serviceaccount.uid, as the API server writes it into bound tokens (KEP-1205). */
function serviceAccountUID(claim: unknown): string | undefined {
  const { serviceaccount } = (claim ?? {}) as { readonly serviceaccount?: { readonly uid?: unknown } };
  return typeof serviceaccount?.uid === 'string' ? serviceaccount.uid : undefined;
}

/** `kubernetes.io`.pod.uid of a JWT that was verified: a kubelet asks for tokens that are bound to one pod. */
export function podUIDIn(token: Secret): string | undefined {
  const { pod } = (decodeJwt(token.reveal())['kubernetes.io'] ?? {}) as {
    readonly pod?: { readonly uid?: unknown };
  };
  return typeof pod?.uid === 'string' ? pod.uid : undefined;
}

/** jose says by its codes whether the token or the key set is at fault; anything else comes from the connection. */
const faultsOfTheToken =
  /^ERR_(JWT|JWS|JWKS_NO_MATCHING_KEY|JWKS_MULTIPLE_MATCHING_KEYS|JOSE_ALG|JOSE_NOT_SUPPORTED)/;

function refusalOf(error: unknown): LoginRefusal {
  const detail = error instanceof Error ? error.message : 'unknown error';
  return error instanceof errors.JOSEError && faultsOfTheToken.test(error.code)
    ? { kind: 'rejected', detail: `the token was not accepted: ${detail}` }
    : { kind: 'unavailable', detail: `the cluster's keys cannot be fetched: ${detail}` };
}
