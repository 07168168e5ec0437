/**
 * The host for `listen` of who wants all addresses: none. Node.js then takes `::`, or `0.0.0.0` where the kernel has no IPv6
 * (`ipv6.disable=1`) and `::` itself would be refused.
 */
export const listenHost = (host: string): string | undefined => (host === '::' ? undefined : host);
