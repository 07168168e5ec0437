import { systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { type Answer, type HttpsClient, httpsClient } from './https-client.ts';

/** Of the client that may do everything. It is in the cached template of every throw-away server, so it protects nothing. */
export const adminClient = { id: 'bootstrap-admin', secret: 'of-a-throw-away-keycloak' } as const;

/** Keycloak's Admin REST API for somebody who may do everything, below `/admin/realms`. */
export interface KeycloakAdmin {
  /** Throws unless the status says success. */
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, json?: unknown): Promise<Answer>;
  close(): Promise<void>;
}

export function keycloakAdmin(url: string, caFile: string): KeycloakAdmin {
  const client = httpsClient(url, caFile);
  let token = '';
  let usedUntil = 0;
  return {
    async send(method, path, json) {
      if (systemClock.now() > usedUntil) {
        // It lives for a minute.
        usedUntil = systemClock.now() + seconds(30);
        token = await adminToken(client);
      }
      return client.expect(method, `/admin/realms${path}`, { json, bearer: token });
    },
    close: () => client.close(),
  };
}

async function adminToken(client: HttpsClient): Promise<string> {
  const form = {
    grant_type: 'client_credentials',
    client_id: adminClient.id,
    client_secret: adminClient.secret,
  };
  const { body } = await client.expect('POST', '/realms/master/protocol/openid-connect/token', { form });
  return body.access_token;
}
