import { isIPv6 } from 'node:net';

/** All of IPv4, all of IPv6, and the first written as the second. */
const allAddresses: readonly string[] = ['0.0.0.0', '[::]', '[::ffff:0:0]'];

/** A host in the one form that URLs have it in (WHATWG URL, host serializing); undefined for what is no host name and no address. */
export function canonicalHost(host: string): string | undefined {
  if (isIPv6(host)) return URL.parse(`https://[${host}]`)?.hostname;
  return /^[-.A-Za-z0-9]+$/.test(host) ? URL.parse(`https://${host}`)?.hostname : undefined;
}

/** Whether who listens there listens on every address, however that is spelled. */
export const isAllAddresses = (host: string): boolean => allAddresses.includes(canonicalHost(host) ?? '');
