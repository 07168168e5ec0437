import { type Adapter, type AdapterFactory, errors } from 'oidc-provider';
import type { AccessTokens } from './access-tokens.ts';
import type { ArtifactStore } from './artifact-store.ts';
import type { ClientStore, StoredClient } from './client-store.ts';

type Storage = Pick<Adapter, 'upsert' | 'find' | 'destroy'>;

export interface Stores {
  readonly clients: ClientStore;
  readonly artifacts: ArtifactStore;
  readonly accessTokens: AccessTokens;
}

/** Where oidc-provider keeps each of its models. */
export function storageAdapter(stores: Stores): AdapterFactory {
  return (model) => ({ ...neverCalled, ...storageOf(model, stores) });
}

function storageOf(model: string, { clients, artifacts, accessTokens }: Stores): Storage {
  switch (model) {
    case 'Client':
      return {
        async upsert(_id, payload) {
          clients.save(payload as StoredClient);
        },
        async find(id) {
          return clients.find(id);
        },
        async destroy(id) {
          clients.remove(id);
        },
      };
    case 'ClientCredentials':
      return {
        upsert: refuse,
        find: (id) => accessTokens.find(id),
        async destroy(id) {
          accessTokens.revoke(id);
        },
      };
    case 'RegistrationAccessToken':
      return {
        ...artifactsOf(model, artifacts),
        async upsert(id, payload) {
          artifacts.addManager(model, id, payload);
        },
      };
    default:
      return artifactsOf(model, artifacts);
  }
}

function artifactsOf(model: string, artifacts: ArtifactStore): Storage {
  return {
    async upsert(id, payload, expiresIn) {
      // oidc-provider looks for the mark of an assertion first, but two requests can look before either writes.
      if (!artifacts.add(model, id, payload, expiresIn)) {
        throw new errors.InvalidClientAuth('client assertion tokens must only be used once');
      }
    },
    async find(id) {
      return artifacts.find(model, id);
    },
    async destroy(id) {
      artifacts.remove(model, id);
    },
  };
}

async function refuse(): Promise<never> {
  throw new Error('this issuer keeps no such thing');
}

/** What the interface asks for and the client credentials grant never uses. */
const neverCalled = {
  findByUserCode: refuse,
  findByUid: refuse,
  consume: refuse,
  revokeByGrantId: refuse,
};
