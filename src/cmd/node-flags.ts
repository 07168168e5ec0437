import { isAbsolute, normalize } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { LogLevel } from '../telemetry/log.ts';
import { commonFlags, type HostAndPort } from './common-flags.ts';

export interface NodeFlags {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly clusterId?: string;
  readonly nodeName: string;
  readonly kubeletDir: string;
  readonly probes: HostAndPort;
  readonly logLevel: LogLevel;
}

/** The flags of `grantor node`: the only source of their documentation. */
export const nodeFlags = (): Command =>
  new Command('node')
    .description(
      'Run the plug-in of one node: give pods their tokens in volumes of the driver csi.grantor.dev. Runs as root, with mount(8). ' +
        'HTTPS_PROXY and NO_PROXY say how the API server and issuers are reached, OTEL_EXPORTER_OTLP_ENDPOINT names a collector of traces.',
    )
    .addOption(commonFlags.kubeconfig())
    .addOption(commonFlags.namespace('the ConfigMaps with the CA bundles of OAuthIssuers'))
    .addOption(
      commonFlags.clusterID(
        'names the cluster in the audit trail, as that of the controller does (default: nothing does)',
      ),
    )
    .addOption(
      new Option('--node-name <name>', 'the Node that this is, also taken from NODE_NAME')
        .env('NODE_NAME')
        .argParser(parseNodeName)
        .makeOptionMandatory(),
    )
    .option(
      '--kubelet-dir <folder>',
      "the kubelet's folder on the node, mounted under the same path, with mountPropagation Bidirectional",
      parseFolder,
      '/var/lib/kubelet',
    )
    .addOption(commonFlags.probes())
    .addOption(commonFlags.logLevel());

function parseNodeName(value: string): string {
  if (value.length <= 253 && /^[a-z0-9]([-.a-z0-9]*[a-z0-9])?$/.test(value)) return value;
  throw new InvalidArgumentError('Write the name of a Node: small letters, digits, dashes and dots.');
}

/** The address of a socket has room for 107 bytes. */
const longestFolder = 60;

function parseFolder(value: string): string {
  if (isAbsolute(value) && value !== '/' && normalize(value) === value && !value.endsWith('/')) {
    if (Buffer.byteLength(value) <= longestFolder) return value;
    throw new InvalidArgumentError(`Write a path of at most ${longestFolder} bytes: sockets lie below it.`);
  }
  throw new InvalidArgumentError('Write an absolute path, such as /var/lib/kubelet.');
}
