import { sha256 } from '../../std/digest.ts';

const prefix = 'grantor-audience-';

/**
 * The client scope that puts an audience into a token: one for all clients of the realm. An audience need not be a `scope-token`, and
 * says to whoever looks at a consent screen less than its description does.
 */
export const audienceScope = (audience: string): string =>
  `${prefix}${Buffer.from(sha256(audience), 'base64url').toString('hex').slice(0, 32)}`;

/** Comes with a service account by default, and brings no more than where a request came from. It returns with each update. */
export const keycloaksOwnScope = 'service_account';

/** Whether a scope is one of these, which no tenant may ask for by name: it would be an audience past the rules for audiences. */
export const isReserved = (scope: string): boolean => scope.startsWith(prefix);
