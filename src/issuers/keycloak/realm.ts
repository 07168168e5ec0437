import { sha256 } from '../../std/digest.ts';
import { err, ok, type Result } from '../../std/result.ts';

/** Where a realm is administered. */
export interface RealmURLs {
  /** `…/admin/realms/<realm>`, the Admin REST API of the realm. */
  readonly admin: string;
}

/** Derived from the issuer identifier alone, so that an OAuthIssuer names no second URL that could be another server's. */
export function realmURLs(issuer: string): Result<RealmURLs, 'no realm'> {
  const [, server, realm] = /^(https:\/\/[^/]+(?:\/.+)?)\/realms\/([^/]+)$/.exec(issuer) ?? [];
  return server === undefined || realm === undefined
    ? err('no realm')
    : ok({ admin: `${server}/admin/realms/${realm}` });
}

/** Which features the server was started with. It is the one thing outside the realm that is looked at. */
export const serverInfoOf = (admin: string): string => admin.replace(/\/realms\/[^/]+$/, '/serverinfo');

/** Whether Grantor's own token may go there. */
export const isAdministration = ({ admin }: RealmURLs, url: string): boolean =>
  url.startsWith(`${admin}/`) || url === serverInfoOf(admin);

/**
 * The key under which a thing of ours is stored: known before it is there, so that one read says whether it is. Keycloak's keys are unique
 * in the whole server, so the realm is part of it. A UUID of version 8 (RFC 9562 section 5.8).
 */
export function keyOf(issuer: string, kind: 'client' | 'scope', name: string): string {
  const hex = Buffer.from(sha256(`${issuer}\n${kind}\n${name}`), 'base64url').toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
