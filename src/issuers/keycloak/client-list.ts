import type { ClientPage } from '../../ports/issuer-driver.ts';
import { failure, failureOf, IssuerFailureError } from '../classify.ts';
import type { AdminAPI } from './admin-api.ts';
import { readClient } from './held-client.ts';

/** As many as fit into an answer, but for those with very many redirect URIs, which are read one by one. */
const pageSize = 10;
const what = 'list of clients';

/** One page of the clients whose id has the form of ours, of which those count that bear a mark. `page` is where it begins. */
export async function listClients(admin: AdminAPI, realmURL: string, page = '0'): Promise<ClientPage> {
  const first = Number.parseInt(page, 10);
  const { items, size } = await read(admin, realmURL, first);
  const marked = items.map(readClient).filter((client) => client?.mark.startsWith('grantor:'));
  return {
    clients: marked.flatMap((client) =>
      client === undefined
        ? []
        : [
            {
              mark: client.mark,
              registration: {
                clientID: client.clientID,
                registrationClientURI: `${realmURL}/clients/${client.key}`,
              },
            },
          ],
    ),
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
      const url = `${realmURL}/clients?clientId=grantor-&search=true&first=${first}&max=${size}`;
      const items = await admin.read(url);
      if (Array.isArray(items)) return { items, size };
      break;
    } catch (error) {
      if (size === 1 || failureOf(error, what).kind !== 'malformed') throw error;
    }
  }
  throw new IssuerFailureError(failure('malformed', what, 'the answer is not a list'));
}
