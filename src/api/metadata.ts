import * as z from 'zod';

/** Asks for a rotation of a client's credential: each new value for one. */
export const rotateAnnotation = 'grantor.dev/rotate';

/** Asks for all tokens of a client that are older than this time (RFC 3339) to be ended. */
export const revokeAnnotation = 'grantor.dev/revoke';

/** Lets an OAuthClient that is being deleted go, whatever becomes of its registration, where the issuer cannot be told. */
export const releaseAnnotation = 'grantor.dev/release';

/**
 * The part of `metadata` that we use; annotations of others can be larger than the object. The API server made it, so only its form is
 * looked at.
 */
export const metadata = z.object({
  name: z.string().min(1),
  namespace: z.string().min(1).optional(),
  uid: z.string().min(1),
  resourceVersion: z.string().min(1),
  generation: z.int(),
  creationTimestamp: z.string(),
  deletionTimestamp: z.string().optional(),
  finalizers: z.array(z.string()).optional(),
  annotations: z
    .object({
      [rotateAnnotation]: z.string().optional(),
      [revokeAnnotation]: z.string().optional(),
      [releaseAnnotation]: z.string().optional(),
    })
    .optional(),
});
