import { port } from './fields.ts';
import { text } from './rule.ts';

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const hostName = `${label}(\\.${label})*`;

/**
 * A redirect URI of which every character counts: no wildcard, user or fragment can be in it, nor a backslash, which browsers take
 * for a slash. Plain http is for the loopback addresses alone (RFC 8252 section 7.3); `localhost` may be another machine.
 */
export const redirectURI = () =>
  text(
    512,
    `^(https://(${hostName}|\\[::1\\])|http://(127\\.0\\.0\\.1|\\[::1\\]))(:${port})?(/[A-Za-z0-9._~!$&()+,;=:@%/-]*(\\?[A-Za-z0-9._~!$&()+,;=:@%/?-]*)?)?$`,
    'write one exact redirect URI: https with a host in lower case, or http at 127.0.0.1 or [::1]; no wildcard, user or fragment',
  );

/** A host as it stands in a redirect URI. */
export const redirectHost = () =>
  text(
    253,
    `^(${hostName}|\\[::1\\])$`,
    'write one host as it stands in redirect URIs, in lower case and without port: app.example.com, 127.0.0.1 or [::1]; there are no wildcards',
  );
