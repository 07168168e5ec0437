import { Command, InvalidArgumentError, Option } from 'commander';
import type { LogLevel } from '../telemetry/log.ts';
import { isStringOrURI } from './string-or-uri.ts';

export interface ControllerFlags {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly clusterId?: string;
  readonly serviceAccountIssuer?: string;
  readonly probes: HostAndPort;
  readonly leaderElect: boolean;
  readonly logLevel: LogLevel;
}

export interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** The flags of `grantor controller`: the only source of their documentation. */
export const controllerFlags = (): Command =>
  new Command('controller')
    .description(
      'Run the operator: register clients, obtain tokens, deliver and renew them. ' +
        'HTTPS_PROXY and NO_PROXY say how the API server and issuers are reached.',
    )
    .option(
      '--kubeconfig <file>',
      'how to reach the cluster from outside; inside a pod its ServiceAccount is used',
    )
    .option(
      '--namespace <name>',
      "Grantor's own namespace: its Lease, records, and the Secrets that OAuthIssuers name (default: the pod's, or grantor-system)",
      parseNamespace,
    )
    .option(
      '--cluster-id <id>',
      'marks our clients at issuers that several clusters share (default: UID of the namespace kube-system)',
      parseClusterID,
    )
    .option(
      '--service-account-issuer <url>',
      "`iss` of the cluster's ServiceAccount tokens (default: what the API server says)",
      parseServiceAccountIssuer,
    )
    .addOption(
      new Option(
        '--probes <host:port>',
        'where /healthz, /readyz and /metrics are served; port 0 takes a free one',
      )
        .default({ host: '127.0.0.1', port: 8080 }, '127.0.0.1:8080')
        .argParser(parseHostAndPort),
    )
    .option('--no-leader-elect', 'work without a Lease; only where no second controller can run')
    .addOption(
      new Option('--log-level <level>', 'least level to log')
        .choices(['debug', 'info', 'warn', 'error'])
        .default('info'),
    );

function parseNamespace(value: string): string {
  if (/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(value)) return value;
  throw new InvalidArgumentError('Write the name of a namespace: 1 to 63 small letters, digits and dashes.');
}

function parseClusterID(value: string): string {
  if (/^[A-Za-z0-9][-._A-Za-z0-9]{0,62}$/.test(value)) return value;
  throw new InvalidArgumentError('Write 1 to 63 letters, digits, dots, dashes or underscores.');
}

function parseServiceAccountIssuer(value: string): string {
  if (isStringOrURI(value)) return value;
  throw new InvalidArgumentError(
    'Write the `iss` of the tokens: a URL, or a text without spaces and colons.',
  );
}

/** Reads `127.0.0.1:8080`, `[::1]:0` or `:8080`, the last meaning all addresses. */
export function parseHostAndPort(value: string): HostAndPort {
  const { v6, host, port } =
    /^(?:\[(?<v6>[0-9a-fA-F:]+)\]|(?<host>[^:]*)):(?<port>\d{1,5})$/.exec(value)?.groups ?? {};
  if (port === undefined || Number(port) > 65_535)
    throw new InvalidArgumentError('Write host:port, such as 127.0.0.1:8080.');
  return { host: v6 || host || '::', port: Number(port) };
}
