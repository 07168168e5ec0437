import { BlockList, isIP, isIPv6 } from 'node:net';
import { OperatorError } from '../std/operator-error.ts';
import { Secret } from '../std/secret.ts';

/** What `HTTPS_PROXY` and `NO_PROXY` say. */
export interface ProxySettings {
  readonly httpsProxy: string;
  readonly noProxy?: string;
}

/**
 * The proxy through which `server` is reached, by the rules that kubectl follows (golang.org/x/net/http/httpproxy): this machine
 * itself is never behind one; `NO_PROXY` lists names with all below them (`.a.example`: only those below), addresses, networks
 * (`10.0.0.0/8`), each but the last with a port if need be, or `*`. Throws `OperatorError` if the proxy makes no sense.
 */
export function proxyFor(server: URL, { httpsProxy, noProxy = '' }: ProxySettings): Secret<URL> | undefined {
  if (server.protocol !== 'https:') return undefined;
  const host = bare(server.hostname);
  const port = server.port === '' ? '443' : server.port;
  if (host === 'localhost' || isIn('127.0.0.0/8', host) || host === '::1') return undefined;
  const entries = noProxy.toLowerCase().split(/[,\s]+/);
  if (entries.some((entry) => covers(entry, host, port))) return undefined;
  const proxy = parseProxy(httpsProxy);
  if (proxy === undefined) throw new OperatorError('KUBE_PROXY', 'HTTPS_PROXY is not an http(s) URL');
  return proxy;
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
