import type { ClientPage } from '../../ports/issuer-driver.ts';
import { failure, failureOf, IssuerFailureError } from '../classify.ts';
import type { AdminAPI } from './admin-api.ts';
import { readClient } from './held-client.ts';

/** As many as fit into an answer, unless they have very many redirect URIs: then they are read one by one. */
const pageSize = 50;
const longestPage = 1024 * 1024;
const what = 'list of clients';

/**
 * One page of the clients of the realm, of which those count that bear a mark: an adopted one has another's id. Keycloak sorts them by their
 * ids. `page` is how many came before: where clients go meanwhile, some others are not seen.
 */
export async function listClients(admin: AdminAPI, realmURL: string, page = '0'): Promise<ClientPage> {
  const first = Number.parseInt(page, 10);
  const { items, size } = await read(admin, realmURL, first);
  const clients = items.map(readClient).filter((client) => client !== undefined);
  return {
    clients: clients
      .filter(({ mark }) => mark.startsWith('grantor:'))
      .map(({ mark, clientID, key }) => ({
        mark,
        registration: { clientID, registrationClientURI: `${realmURL}/clients/${key}` },
      })),
    ...(items.length < size ? {} : { next: String(first + size) }),
  };
}

async function read(
  admin: AdminAPI,
  realmURL: string,
  first: number,
): Promise<{ readonly items: readonly unknown[]; readonly size: number }> {
  for (const size of [pageSize, 1]) {
    try {
      const items = await admin.read(`${realmURL}/clients?first=${first}&max=${size}`, longestPage);
      if (Array.isArray(items)) return { items, size };
      break;
    } catch (error) {
      if (size === 1 || failureOf(error, what).kind !== 'malformed') throw error;
    }
  }
  throw new IssuerFailureError(failure('malformed', what, 'the answer is not a list'));
}
