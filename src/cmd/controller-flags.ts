import { statSync } from 'node:fs';
import { Command, InvalidArgumentError } from 'commander';
import type { SecretNamespaces } from '../controllers/secret-delivery.ts';
import { isDNSLabel } from '../std/dns-label.ts';
import { isStringOrURI } from '../std/string-or-uri.ts';
import type { LogLevel } from '../telemetry/log.ts';
import { commonFlags, type HostAndPort } from './common-flags.ts';

export interface ControllerFlags {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly clusterId?: string;
  readonly serviceAccountIssuer?: string;
  readonly secretNamespaces: SecretNamespaces;
  readonly ownTokens?: string;
  readonly probes: HostAndPort;
  readonly leaderElect: boolean;
  readonly logLevel: LogLevel;
}

/** The flags of `grantor controller`: the only source of their documentation. */
export const controllerFlags = (): Command =>
  new Command('controller')
    .description(
      'Run the operator: register clients, obtain tokens, deliver and renew them. ' +
        'HTTPS_PROXY and NO_PROXY say how the API server and issuers are reached, OTEL_EXPORTER_OTLP_ENDPOINT names a collector of traces.',
    )
    .addOption(commonFlags.kubeconfig())
    .addOption(commonFlags.namespace('its Lease, records, and the Secrets that OAuthIssuers name'))
    .addOption(
      commonFlags.clusterID(
        'marks our clients at issuers that several clusters share (default: UID of the namespace kube-system)',
      ),
    )
    .option(
      '--service-account-issuer <url>',
      "`iss` of the cluster's ServiceAccount tokens (default: what the API server says)",
      parseServiceAccountIssuer,
    )
    .option(
      '--secret-namespaces <names>',
      'the namespaces in which tokens and credentials are delivered as Secrets, with commas in between; * means all, nothing means none. ' +
        'The chart gives the rights that belong to it',
      parseSecretNamespaces,
      '*',
    )
    .option(
      '--own-tokens <folder>',
      "tokens of the controller's own ServiceAccount, one file for each audience, to log in to issuers with; read when they are used " +
        '(default: it asks the API server for them)',
      parseFolder,
    )
    .addOption(commonFlags.probes())
    .option('--no-leader-elect', 'work without a Lease; only where no second controller can run')
    .addOption(commonFlags.logLevel());

function parseSecretNamespaces(value: string): SecretNamespaces {
  if (value === '*') return value;
  const names = value.split(',').filter((name) => name !== '');
  if (names.every(isDNSLabel)) return new Set(names);
  throw new InvalidArgumentError('Write names of namespaces with commas in between, * for all, or nothing.');
}

function parseFolder(value: string): string {
  if (statSync(value, { throwIfNoEntry: false })?.isDirectory()) return value;
  throw new InvalidArgumentError('Name a folder that is there.');
}

function parseServiceAccountIssuer(value: string): string {
  if (isStringOrURI(value)) return value;
  throw new InvalidArgumentError(
    'Write the `iss` of the tokens: a URL, or a text without spaces and colons.',
  );
}
