import type { World } from '../world.ts';

/** A client that an issuer should hold, by the OAuthClient that it is looked at for. */
export interface HeldClient {
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
}

/** The clients that an OAuthIssuer should hold as it was last told, but for those that nobody is to look at. */
export const heldClients = (
  { registrations, clients }: Pick<World, 'registrations' | 'clients'>,
  issuer: string,
): HeldClient[] =>
  registrations.store.byIndex('issuer', issuer).flatMap(({ record, clientKey: key }) => {
    const isHeld = record?.registration !== undefined && record.registeredHash !== undefined;
    if (!isHeld || key === undefined) return [];
    const isPaused = clients.store.get(key)?.object?.spec.management === 'Paused';
    return isPaused ? [] : [{ uid: record.client.uid, key }];
  });
