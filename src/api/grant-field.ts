import * as z from 'zod';
import type { DeepReadonly } from './kind.ts';

/** Values that were checked where they come from: a status repeats them. */
const copied = (longest: number) => z.string().max(longest);
const copies = (longest: number, max: number) =>
  z.array(copied(longest)).max(max).meta({ 'x-kubernetes-list-type': 'atomic' });

const source = (kind: string) =>
  z
    .object({
      name: copied(253).describe('Its name.'),
      uid: copied(64).describe('Its UID: another one of that name gives nothing.'),
      generation: z.int().min(0).describe('Its `metadata.generation` then.'),
    })
    .describe(`The ${kind}.`);

/** What one binding may get, and from what that follows: all that somebody needs who obtains the token without asking further. */
export const grantField = z
  .object({
    issuer: copied(512).describe('The issuer identifier (`iss`).'),
    clientID: copied(256).describe('The client at the issuer.'),
    authentication: z
      .enum(['Federated', 'PrivateKey', 'Secret', 'MutualTLS'])
      .describe('How the client logs in to the issuer.'),
    scopes: copies(128, 64).describe('The scopes of the token: these, or fewer.'),
    audience: copied(512).describe('The audience of the token.'),
    tenantID: copied(63).describe('The tenant.'),
    roles: copies(64, 64).describe('The roles in the token: these, or fewer.'),
    requiredClaims: z
      .record(z.string(), copied(256))
      .meta({ maxProperties: 16 })
      .describe('Claims that the token must have with exactly these values.'),
    maxLifetime: copied(24).describe('The longest life of the token.'),
    proofOfPossession: z
      .enum(['None', 'DPoP'])
      .describe('Whether the token has to be bound to a key of its own.'),
    verification: z
      .enum(['Required', 'AllowUnverified'])
      .describe('Whether a token may be delivered that nobody can look into.'),
    serviceAccount: z
      .object({ name: copied(253).describe('Its name.'), uid: copied(64).describe('Its UID.') })
      .describe('The ServiceAccount that the token is for.'),
    deliveries: copies(16, 2)
      .describe('Where the token may be put: `Volume` is what a pod may mount.')
      .default([]),
    withdrawalDelay: copied(24).describe(
      'How long this stays if the TenantScope goes or selects the namespace no more, which may be an accident.',
    ),
    derivedFrom: z
      .object({
        tenantScope: source('TenantScope'),
        client: source('OAuthClient'),
        issuer: source('OAuthIssuer'),
      })
      .describe('What this was derived from: it holds for these objects as they were then.'),
  })
  .describe(
    'What was granted, left out while nothing is. That of a token which is to go stays until it has gone.',
  );

/** The same in a status. */
export type GrantStatus = DeepReadonly<z.output<typeof grantField>>;
