import { kinds } from '../../api/kinds.ts';
import { configMapKind, podKind, secretKind } from '../../kube/core-kinds.ts';
import type { ResourceKind } from '../../kube/resource-path.ts';
import { leaseKind } from '../../runtime/lease.ts';
import { formatInstant } from '../../std/instant.ts';
import { err, ok, type Result } from '../../std/result.ts';
import { resourceName } from '../complaint.ts';
import type { Pod } from '../deliveries.ts';
import {
  csiDriverKind,
  csiNodeKind,
  daemonSetKind,
  deploymentKind,
  policyBindingKind,
  policyKind,
  statefulSetKind,
} from '../installed-kinds.ts';
import { listAll } from '../list-all.ts';
import { serverTime } from '../server-time.ts';
import { boundsOf, type Session } from '../session.ts';
import { eventsAtHome, ourEvents } from './events.ts';
import { inParallel } from './in-parallel.ts';
import { logsAndMetrics } from './logs-and-metrics.ts';
import { jsonOf, objectsFile } from './objects-file.ts';
import { plainObject } from './plain-object.ts';
import { redact } from './redact.ts';

/** A file of the bundle. */
export interface File {
  readonly path: string;
  readonly text: string;
}

/** A file, or in one line what is not in the bundle, and why. */
export type Piece = Result<File, string>;
/** Asks for a piece; undefined where there is none to be had, and nothing amiss. */
export type Task = () => Promise<Piece | undefined>;

/** Everything that the chart installs; others may be in the same namespace. */
const ours = { labelSelector: 'app.kubernetes.io/name=grantor' };

/** The API server has others to serve as well, and this machine keeps so many texts in memory. */
const mostAtOnce = 8;

/**
 * All that helps to understand what happened, as far as whoever asks may read it: of Secrets only metadata, of pods not what they are made of.
 * Everything is redacted once more at the end.
 */
export async function* collect(session: Session, home: string, version: string): AsyncGenerator<Piece> {
  const pods = await listAll<Pod>(session, podKind, home, ours);
  const tasks: readonly Task[] = [
    () => versions(session, version),
    ...lists(session, home),
    ...(pods.ok
      ? [() => Promise.resolve(ok(podTable(pods.value))), ...logsAndMetrics(session, pods.value)]
      : [() => Promise.resolve(err(pods.error.message))]),
  ];
  for await (const piece of inParallel(tasks, mostAtOnce)) {
    if (piece === undefined) continue;
    yield piece.ok ? ok({ ...piece.value, text: redact(piece.value.text) }) : err(redact(piece.error));
  }
}

/** Objects of ours, what is about them, and what is installed. */
function lists(session: Session, home: string): Task[] {
  const { namespace } = session;
  const list =
    (kind: ResourceKind, where: string | undefined, selection = {}, file = resourceName(kind)): Task =>
    async () => {
      const found = await listAll(session, kind, where, selection);
      return found.ok ? ok(objectsFile(file, found.value.map(plainObject))) : err(found.error.message);
    };
  const metadataOnly = true;
  const secrets = (type: string, file: string): Task =>
    list(secretKind, namespace, { fieldSelector: `type=${type}`, metadataOnly }, file);
  const called = (name: string) => ({ fieldSelector: `metadata.name=${name}` });
  return [
    ...kinds.map((kind) => list(kind, kind.namespaced ? namespace : undefined)),
    () => ourEvents(session, namespace),
    ...(namespace === home ? [] : [() => eventsAtHome(session, home)]),
    secrets('grantor.dev/token', 'token-secrets-metadata'),
    secrets('grantor.dev/client', 'client-secrets-metadata'),
    list(deploymentKind, home, ours),
    list(statefulSetKind, home, ours),
    list(daemonSetKind, home, ours),
    list(leaseKind, home, called('grantor-controller')),
    list(configMapKind, home, called('grantor-audiences'), 'audiences'),
    list(csiDriverKind, undefined, called('csi.grantor.dev')),
    list(csiNodeKind, undefined),
    list(policyKind, undefined, { metadataOnly }),
    list(policyBindingKind, undefined, { metadataOnly }),
  ];
}

async function versions(session: Session, plugIn: string): Promise<Piece> {
  const [server, time] = await Promise.all([
    session.kube.getPath('/version', boundsOf(session)),
    serverTime(session),
  ]);
  const content = {
    plugIn,
    server: server.ok ? server.value : server.error.message,
    localTime: formatInstant(session.clock.now()),
    serverTime: time.ok && time.value !== undefined ? formatInstant(time.value) : undefined,
  };
  return ok({ path: 'versions.json', text: jsonOf(content) });
}

/** Which pods of ours there are, and how they are; what they are made of is in their Deployment and DaemonSet. */
const podTable = (pods: readonly Pod[]): File =>
  objectsFile(
    'pods-of-grantor',
    pods.map(({ metadata: { name, creationTimestamp, labels }, status }) => ({
      ...{ name, creationTimestamp, labels, status },
    })),
  );
