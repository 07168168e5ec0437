import { timingSafeEqual } from 'node:crypto';
import type { Client, ClientMetadata, Provider } from 'oidc-provider';
import { sha256 } from '../std/digest.ts';
import { ceilingOf } from './client-rules.ts';

interface AdaptableClients {
  readonly prototype: Client;
  readonly Schema: { readonly prototype: object };
  needsSecret(metadata: ClientMetadata): boolean;
}

/**
 * Three habits of oidc-provider's clients that this issuer changes: scopes are checked against the client's own list only, not
 * against one list of the server; the key that stands in for a workload's is neither stored nor shown; and who registered secrets of
 * their own choice gets no other, and logs in with either.
 */
export function adaptClients(provider: Provider): void {
  const { Client } = provider as unknown as { readonly Client: AdaptableClients };
  Object.assign(Client.Schema.prototype, { scopes: () => undefined });

  const needsSecret = Client.needsSecret.bind(Client);
  Client.needsSecret = (metadata) => digestsIn(metadata['grantor']) === undefined && needsSecret(metadata);

  const compareSecret: Client['compareClientSecret'] = Reflect.get(Client.prototype, 'compareClientSecret');
  Client.prototype.compareClientSecret = function compareChosenSecrets(this: Client, secret: string) {
    const digests = ceilingOf(this)?.secretDigests;
    return digests === undefined ? compareSecret.call(this, secret) : isOneOf(digests, secret);
  };

  const metadata: (this: Client) => ClientMetadata = Reflect.get(Client.prototype, 'metadata');
  Client.prototype.metadata = function shownMetadata(this: Client): ClientMetadata {
    const all = metadata.call(this);
    if (ceilingOf(this)?.workload !== undefined) delete all.jwks;
    return all;
  };
}

/** The chosen secrets in a registration of which nothing is checked yet. */
const digestsIn = (grantor: unknown): unknown =>
  typeof grantor === 'object' && grantor !== null && 'secretDigests' in grantor
    ? grantor.secretDigests
    : undefined;

/** Looks at each, so that the time it takes says nothing. */
function isOneOf(digests: readonly string[], secret: string): boolean {
  const digest = Buffer.from(sha256(secret));
  return digests.filter((known) => timingSafeEqual(Buffer.from(known), digest)).length > 0;
}
