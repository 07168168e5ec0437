import type { OAuthClient } from '../api/oauth-client.ts';

/** What the clients of a tenant may ask for at the moment, all together. */
export type HeldRights = {
  readonly scopes: readonly string[];
  readonly audiences: readonly string[];
  readonly roles: readonly string[];
};

/** A client as far as its rights go. */
export type RightsHolder = Pick<OAuthClient, 'status'> & {
  readonly spec: Pick<OAuthClient['spec'], 'scopes' | 'audiences' | 'roles'>;
};

/** As many as a ceiling can list. */
const mostHeld = 64;

/** Refused ones hold what they have until it is taken away; then the status says what came of the revocation. */
const holds = ({ status }: RightsHolder): boolean => {
  const countsDown = status?.withdrawal !== undefined && status.withdrawal.revocation === undefined;
  return status?.clientID !== undefined && (countsDown || (status.violations ?? []).length === 0);
};

/** The union over all clients that have a registration and rights; undefined where there is none. */
export function heldRights(clients: readonly RightsHolder[]): HeldRights | undefined {
  const holders = clients.filter(holds);
  if (holders.length === 0) return undefined;
  const union = (of: (spec: RightsHolder['spec']) => readonly string[]): string[] =>
    [...new Set(holders.flatMap(({ spec }) => of(spec)))].sort().slice(0, mostHeld);
  return {
    scopes: union(({ scopes }) => scopes),
    audiences: union(({ audiences }) => audiences),
    roles: union(({ roles }) => roles),
  };
}
