import type { OAuthIssuer } from '../api/oauth-issuer.ts';
import type { Reason } from '../api/reasons.ts';
import { issuerHas } from './issuer-usable.ts';

/** What takes its client's rights away too. */
const ofClient: ReadonlySet<string> = new Set<Reason>([
  'NoTenantScope',
  'TenantScopeOverlap',
  'TenantIDTaken',
  'Suspended',
  'IssuerGoing',
  'ClientNotAllowed',
]);

/** Whether what is refused for these reasons takes the client's rights away as well, at an issuer that then ends all its tokens at once. */
export const goesWithClient = (issuer: OAuthIssuer | undefined, reasons: readonly string[]): boolean =>
  issuer !== undefined && issuerHas(issuer, 'RevokeAll') && reasons.some((reason) => ofClient.has(reason));
