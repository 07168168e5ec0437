import type { AuthorizationServer } from 'oauth4webapi';
import { err, ok, type Result } from '../std/result.ts';
import { printable } from './text.ts';

/** The endpoints that we use of those that a discovery document names (RFC 8414 section 2). */
const endpoints = [
  'token_endpoint',
  'registration_endpoint',
  'revocation_endpoint',
  'introspection_endpoint',
  'jwks_uri',
] as const;

/** Whether a text is an https URL that may be asked: no user, no fragment, not absurdly long. */
export function isHttpsURL(text: unknown): text is string {
  if (typeof text !== 'string' || text.length > 2048 || !URL.canParse(text)) return false;
  const url = new URL(text);
  return url.protocol === 'https:' && url.username === '' && url.password === '' && url.hash === '';
}

/** Where the discovery document may be: RFC 8414 section 3.1, and OpenID Connect Discovery section 4 for older servers. */
export function wellKnownURLs(issuer: string): { readonly oauth2: string; readonly oidc: string } {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return {
    oauth2: `${origin}/.well-known/oauth-authorization-server${path}`,
    oidc: `${origin}${path}/.well-known/openid-configuration`,
  };
}

/**
 * Checks a discovery document: it speaks for exactly this issuer (RFC 8414 section 3.3, compared as bytes), has a token endpoint,
 * and names nothing that we would use but https URLs. They may be on other hosts.
 */
export function checkMetadata(
  issuer: string,
  metadata: AuthorizationServer,
): Result<AuthorizationServer, string> {
  if (metadata.issuer !== issuer) return err(`the issuer calls itself "${printable(metadata.issuer, 100)}"`);
  const wrong = endpoints.find((name) => metadata[name] !== undefined && !isHttpsURL(metadata[name]));
  if (wrong !== undefined) return err(`its ${wrong} is not an https URL`);
  return metadata.token_endpoint === undefined ? err('it names no token_endpoint') : ok(metadata);
}

/**
 * Whether a credential may be sent to `url`: only to what the discovery document named, also for clients with certificates
 * (RFC 8705 section 5), and to registrations (RFC 7592), which are named one by one but live beside the registration endpoint.
 */
export function isNamed(metadata: AuthorizationServer, url: string): boolean {
  const aliases = metadata.mtls_endpoint_aliases;
  const isNamedAs = (name: (typeof endpoints)[number]): boolean =>
    metadata[name] === url || (aliases?.[name] === url && isHttpsURL(url));
  return endpoints.some(isNamedAs) || isRegistrationURL(metadata, url);
}

/** Whether `url` can be a `registration_client_uri` of this issuer. */
export function isRegistrationURL(
  { registration_endpoint: endpoint }: AuthorizationServer,
  url: unknown,
): url is string {
  return isHttpsURL(url) && isHttpsURL(endpoint) && new URL(url).origin === new URL(endpoint).origin;
}
