import { BlockList, isIP, isIPv6 } from 'node:net';
import { OperatorError } from './operator-error.ts';
import { Secret } from './secret.ts';

/** What `HTTPS_PROXY` and `NO_PROXY` say. */
export interface ProxySettings {
  readonly httpsProxy: string;
  readonly noProxy?: string;
}

/** The proxy through which `server` is reached, if any. Throws `OperatorError` if the proxy makes no sense. */
export const proxyFor = (server: URL, { httpsProxy, noProxy }: ProxySettings): Secret<URL> | undefined =>
  isExcepted(server, noProxy) ? undefined : proxyOf(httpsProxy);

/** The URL in `HTTPS_PROXY`. Throws `OperatorError` if it is none. */
export function proxyOf(httpsProxy: string): Secret<URL> {
  const proxy = parseProxy(httpsProxy);
  if (proxy === undefined) throw new OperatorError('PROXY', 'HTTPS_PROXY is not an http(s) URL');
  return proxy;
}

/**
 * Whether `server` is reached without the proxy, by the rules that kubectl follows (golang.org/x/net/http/httpproxy): this machine
 * itself is never behind one; `NO_PROXY` lists names with all below them (`.a.example`: only those below), addresses, networks
 * (`10.0.0.0/8`), each but the last with a port if need be, or `*`.
 */
export function isExcepted(server: URL, noProxy = ''): boolean {
  if (server.protocol !== 'https:') return true;
  const host = bare(server.hostname);
  const port = server.port === '' ? '443' : server.port;
  if (host === 'localhost' || isIn('127.0.0.0/8', host) || host === '::1') return true;
  return noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .some((entry) => covers(entry, host, port));
}

/** Reads the URL of a proxy, which may carry credentials. `http` if it names no scheme; nothing if it is another one. */
export function parseProxy(text: string): Secret<URL> | undefined {
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? new Secret(url) : undefined;
}

function covers(entry: string, host: string, port: string): boolean {
  if (entry === '') return false;
  if (entry === '*') return true;
  if (entry.includes('/')) return isIn(entry, host);
  const { name, only } = split(entry);
  if (only !== undefined && only !== port) return false;
  if (isIP(host) !== 0) return isIP(name) !== 0 && isIn(name, host);
  const below = name.replace(/^\*?\./, '');
  return host.endsWith(`.${below}`) || host === name;
}

/** `name`, `name:port`, an IPv6 address, or one in brackets with a port. */
function split(entry: string): { name: string; only?: string } {
  const { name, only } = /^(?<name>\[.+\]|[^:]+):(?<only>\d+)$/.exec(entry)?.groups ?? {};
  return name === undefined || only === undefined ? { name: bare(entry) } : { name: bare(name), only };
}

/** Whether an address is that of `network`, or in it. */
function isIn(network: string, host: string): boolean {
  const [address = '', prefix] = network.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  const bits = prefix === undefined ? (family === 'ipv6' ? 128 : 32) : Number.parseInt(prefix, 10);
  if (isIP(host) === 0 || isIP(address) === 0 || !(bits <= (family === 'ipv6' ? 128 : 32))) return false;
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

const bare = (host: string): string => host.replace(/^\[(.+)\]$/, '$1').replace(/\.$/, '');
