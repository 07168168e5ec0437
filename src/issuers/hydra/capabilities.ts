import type { AuthorizationServer } from 'oauth4webapi';
import type { Capability } from '../../domain/capability.ts';
import { secretMethod, signsWithES256, takesPublicClients } from '../capabilities.ts';
import { managedByMark } from '../managed-by-mark.ts';

/** What a token hook adds to Hydra, as an administrator says. */
export type TokenHook = readonly ('TenantClaims' | 'BoundAssertions')[];

/**
 * What a Hydra can do. It has neither two secrets, nor DPoP, nor introspection for clients; registers mutual TLS without being able to do it; and does
 * not announce the grant of RFC 7523, which it has.
 */
export function hydraCapabilities(
  server: AuthorizationServer,
  { trustsWorkloads, tokenHook }: { readonly trustsWorkloads: boolean; readonly tokenHook: TokenHook },
): ReadonlySet<Capability> {
  return new Set<Capability>([
    ...managedByMark,
    ...tokenHook,
    ...(trustsWorkloads ? (['FederatedAuthentication', 'HoldKeys'] as const) : []),
    ...(signsWithES256(server) ? (['PrivateKeyAuthentication'] as const) : []),
    ...(secretMethod(server) === 'client_secret_basic' ? (['SecretAuthentication'] as const) : []),
    ...(takesPublicClients(server) ? (['PublicClient'] as const) : []),
    ...(server.revocation_endpoint === undefined ? [] : (['Revoke'] as const)),
  ]);
}
