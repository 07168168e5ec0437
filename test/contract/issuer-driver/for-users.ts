import { expect, test } from 'vitest';
import type { DesiredClient } from '../../../src/domain/desired-client.ts';
import { aCall, valueOf } from './data.ts';
import type { Suite } from './suite.ts';
import { describeWhere } from './where.ts';

/** What a client for users has in common, whether it logs in or not. */
const forUsers = {
  grantTypes: ['AuthorizationCode'],
  redirectURIs: ['https://app.acme.example/callback'],
} as const satisfies Partial<DesiredClient>;

export function describeClientsForUsers(suite: Suite): void {
  const clients: readonly (readonly [string, Partial<DesiredClient>])[] = [
    ['logs in', forUsers],
    ...(suite.can('PublicClient')
      ? [['does not log in', { ...forUsers, authentication: { method: 'Public' } }] as const]
      : []),
  ];

  describeWhere(suite.can('AuthorizationCode'))('a client for users', () => {
    test.each(clients)('that %s is held to its redirect URIs', async (_, more) => {
      const wanted = suite.aClient(more);
      const client = await suite.registered(wanted);
      const differences = async (other: Partial<DesiredClient>) =>
        valueOf(await suite.driver.compare(client, { ...wanted, ...other }, aCall())).differences;
      expect(await differences({})).toEqual([]);
      expect(await differences({ redirectURIs: ['https://app.acme.example/other'] })).toHaveLength(1);
    });
  });
}
