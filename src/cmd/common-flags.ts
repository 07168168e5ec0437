import { InvalidArgumentError, Option } from 'commander';
import { isDNSLabel } from '../std/dns-label.ts';

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** Flags that several subcommands have, each made anew for its command. */
export const commonFlags = {
  kubeconfig: () =>
    new Option(
      '--kubeconfig <file>',
      'how to reach the cluster from outside; inside a pod its ServiceAccount is used',
    ),
  namespace: (whatFor: string) =>
    new Option(
      '--namespace <name>',
      `Grantor's own namespace: ${whatFor} (default: the pod's, or grantor-system)`,
    ).argParser(parseNamespace),
  clusterID: (whatFor: string) => new Option('--cluster-id <id>', whatFor).argParser(parseClusterID),
  probes: () =>
    new Option(
      '--probes <host:port>',
      'where /healthz, /readyz and /metrics are served; port 0 takes a free one',
    )
      .default({ host: '127.0.0.1', port: 8080 }, '127.0.0.1:8080')
      .argParser(parseHostAndPort),
  logLevel: () =>
    new Option('--log-level <level>', 'least level to log')
      .choices(['debug', 'info', 'warn', 'error'])
      .default('info'),
};

function parseNamespace(value: string): string {
  if (isDNSLabel(value)) return value;
  throw new InvalidArgumentError('Write the name of a namespace: 1 to 63 small letters, digits and dashes.');
}

function parseClusterID(value: string): string {
  if (/^[A-Za-z0-9][-._A-Za-z0-9]{0,62}$/.test(value)) return value;
  throw new InvalidArgumentError('Write 1 to 63 letters, digits, dots, dashes or underscores.');
}

/**
 * Reads `127.0.0.1:8080`, `[::1]:0` or `:8080`, the last meaning all addresses. Brackets may be around any address: who writes one that is
 * known in a cluster only, `[$(POD_IP)]:8080`, need not know of which family it will be.
 */
export function parseHostAndPort(value: string): HostAndPort {
  const { address, host, port } =
    /^(?:\[(?<address>[0-9a-fA-F:.]+)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/.exec(value)?.groups ?? {};
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('Write host:port, such as 127.0.0.1:8080.');
  return { host: address || host || '::', port: Number(port) };
}
