import { kinds } from '../../api/kinds.ts';
import { configMapKind, eventKind, podKind, secretKind } from '../../kube/core-kinds.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { ResourceKind } from '../../kube/resource-path.ts';
import { leaseKind } from '../../runtime/lease.ts';
import { formatInstant } from '../../std/instant.ts';
import { ok, type Result } from '../../std/result.ts';
import { type Complaint, resourceName } from '../complaint.ts';
import type { Pod } from '../deliveries.ts';
import {
  csiDriverKind,
  csiNodeKind,
  daemonSetKind,
  deploymentKind,
  policyBindingKind,
  policyKind,
} from '../doctor/kinds.ts';
import { listAll } from '../list-all.ts';
import { boundsOf, type Session } from '../session.ts';
import { logsAndMetrics } from './logs-and-metrics.ts';
import { plainObject } from './plain-object.ts';
import { redact } from './redact.ts';
import type { Entry } from './tar.ts';

export interface Collected {
  readonly entries: readonly Entry[];
  /** What could not be read, and why. */
  readonly omitted: readonly string[];
}

/** Everything that the chart installs; others may be in the same namespace. */
const ours = { labelSelector: 'app.kubernetes.io/name=grantor' };

type Part = Result<readonly Entry[], Complaint>;

/**
 * All that helps to understand what happened, as far as whoever asks may read it: of Secrets only metadata, of pods not what they are made of.
 * Everything is redacted once more at the end.
 */
export async function collect(session: Session, home: string, version: string): Promise<Collected> {
  const { namespace } = session;
  const pods = await listAll<Pod>(session, podKind, home, ours);
  const list = (kind: ResourceKind, where: string | undefined, selection = {}, file = resourceName(kind)) =>
    listed(session, kind, where, selection, file);
  const parts: readonly Part[] = await Promise.all([
    versions(session, version),
    ...kinds.map((kind) => list(kind, kind.namespaced ? namespace : undefined)),
    events(session, namespace),
    ...(namespace === home ? [] : [events(session, home, 'events-of-grantor')]),
    list(
      secretKind,
      namespace,
      { fieldSelector: 'type=grantor.dev/token', metadataOnly: true },
      'token-secrets-metadata',
    ),
    list(
      secretKind,
      namespace,
      { fieldSelector: 'type=grantor.dev/client', metadataOnly: true },
      'client-secrets-metadata',
    ),
    list(deploymentKind, home, ours),
    list(daemonSetKind, home, ours),
    list(leaseKind, home, { fieldSelector: 'metadata.name=grantor-controller' }),
    list(configMapKind, home, { fieldSelector: 'metadata.name=grantor-audiences' }, 'audiences'),
    list(csiDriverKind, undefined, { fieldSelector: 'metadata.name=csi.grantor.dev' }),
    list(csiNodeKind, undefined),
    list(policyKind, undefined, { metadataOnly: true }),
    list(policyBindingKind, undefined, { metadataOnly: true }),
  ]);
  const programs = pods.ok ? await logsAndMetrics(session, pods.value) : { entries: [], omitted: [] };
  const all: readonly Part[] = [...parts, pods.ok ? ok([podTable(pods.value)]) : pods];
  const entries = all.flatMap((part) => (part.ok ? part.value : []));
  const omitted = all.flatMap((part) => (part.ok ? [] : [part.error.message]));
  return {
    entries: [...entries, ...programs.entries].map(({ path, text }) => ({ path, text: redact(text) })),
    omitted: [...new Set([...omitted, ...programs.omitted])].map(redact),
  };
}

async function versions(session: Session, plugIn: string): Promise<Part> {
  const [server, who] = await Promise.all([
    session.kube.getPath('/version', boundsOf(session)),
    session.kube.whoAmI(boundsOf(session)),
  ]);
  const content = {
    plugIn,
    server: server.ok ? server.value : server.error.message,
    localTime: formatInstant(session.clock.now()),
    serverTime: who.ok && who.value.at !== undefined ? formatInstant(who.value.at) : undefined,
  };
  return ok([{ path: 'versions.json', text: json(content) }]);
}

async function listed(
  session: Session,
  kind: ResourceKind,
  namespace: string | undefined,
  selection: object,
  file: string,
): Promise<Part> {
  const found = await listAll(session, kind, namespace, selection);
  if (!found.ok) return found;
  return ok([{ path: `objects/${file}.json`, text: json(found.value.map(plainObject)) }]);
}

/** Events about our objects, and in our own namespace about all that the chart installs: each name there begins with `grantor-`. */
async function events(session: Session, namespace: string | undefined, file = 'events'): Promise<Part> {
  const found = await listAll<
    KubeObject & { involvedObject?: { apiVersion?: string; name?: string }; reportingComponent?: string }
  >(session, eventKind, namespace);
  if (!found.ok) return found;
  const about = found.value.filter(
    ({ involvedObject, reportingComponent = '' }) =>
      (file === 'events-of-grantor' && involvedObject?.name?.startsWith('grantor-')) ||
      involvedObject?.apiVersion?.startsWith('grantor.dev/') ||
      reportingComponent.includes('grantor'),
  );
  return ok([{ path: `objects/${file}.json`, text: json(about.map(plainObject)) }]);
}

/** Which pods of ours there are, and how they are; what they are made of is in their Deployment and DaemonSet. */
const podTable = (pods: readonly Pod[]): Entry => ({
  path: 'objects/pods-of-grantor.json',
  text: json(
    pods.map(({ metadata: { name, creationTimestamp, labels }, status }) => ({
      ...{ name, creationTimestamp, labels, status },
    })),
  ),
});

const json = (content: unknown): string => `${JSON.stringify(content, undefined, 2)}\n`;
