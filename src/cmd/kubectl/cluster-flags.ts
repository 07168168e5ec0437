import { InvalidArgumentError, Option } from 'commander';
import { isDNSLabel } from '../../std/dns-label.ts';
import { type Duration, parseDuration } from '../../std/duration.ts';

/** Which cluster, as whom, and where in it: the flags of kubectl under their names. */
export interface ClusterFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly as?: string;
  readonly namespace?: string;
  readonly allNamespaces?: boolean;
  readonly requestTimeout: Duration;
}

export const clusterFlags = (): Option[] => [
  new Option('--kubeconfig <file>', 'the kubeconfig (default: those of KUBECONFIG, or ~/.kube/config)'),
  new Option('--context <name>', 'the context of the kubeconfig (default: its current-context)'),
  new Option('--as <user>', 'the user to act as (impersonation)'),
  new Option('-n, --namespace <name>', "the namespace (default: the context's)").argParser(parseNamespace),
  new Option('--request-timeout <duration>', 'how long each request may take, such as 5s or 1m')
    .default(10_000, '10s')
    .argParser(parseTimeout),
];

export const allNamespaces = (): Option =>
  new Option('-A, --all-namespaces', 'look in all namespaces').conflicts('namespace');

/** A duration of a flag, at least a second. */
export function parseTimeout(value: string): Duration {
  const parsed = parseDuration(value);
  if (parsed.ok && parsed.value > 0) return parsed.value;
  throw new InvalidArgumentError('Write a duration such as 30s or 5m.');
}

function parseNamespace(value: string): string {
  if (isDNSLabel(value)) return value;
  throw new InvalidArgumentError('Write the name of a namespace: 1 to 63 small letters, digits and dashes.');
}
