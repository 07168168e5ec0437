import type { Client, ClientMetadata, Provider } from 'oidc-provider';
import { ceilingOf } from './client-rules.ts';

/**
 * Two habits of oidc-provider's clients that this issuer changes: scopes are checked against the client's own list only, not
 * against one list of the server, and the key that stands in for a workload's is neither stored nor shown.
 */
export function adaptClients(provider: Provider): void {
  const { Client } = provider as unknown as { Client: { prototype: Client; Schema: { prototype: object } } };
  Object.assign(Client.Schema.prototype, { scopes: () => undefined });
  const metadata: (this: Client) => ClientMetadata = Reflect.get(Client.prototype, 'metadata');
  Client.prototype.metadata = function shownMetadata(this: Client): ClientMetadata {
    const all = metadata.call(this);
    if (ceilingOf(this)?.workload !== undefined) delete all.jwks;
    return all;
  };
}
