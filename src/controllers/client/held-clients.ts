import type { World } from '../world.ts';

/** A client that an issuer should hold, by the OAuthClient that it is looked at for. */
export interface HeldClient {
  readonly uid: string;
  /** `namespace/name`. */
  readonly key: string;
}

/** The clients that an OAuthIssuer should hold as it was last told, but for those that nobody looks at: paused, or of no OAuthClient any more. */
export const heldClients = (
  { registrations, clients }: Pick<World, 'registrations' | 'clients'>,
  issuer: string,
): HeldClient[] =>
  registrations.store.byIndex('issuer', issuer).flatMap(({ record, clientKey: key }) => {
    const isHeld = record?.registration !== undefined && record.registeredHash !== undefined;
    if (!isHeld || key === undefined) return [];
    const client = clients.store.get(key)?.object;
    const isLookedAt = client?.metadata.uid === record.client.uid && client.spec.management !== 'Paused';
    return isLookedAt ? [{ uid: record.client.uid, key }] : [];
  });
