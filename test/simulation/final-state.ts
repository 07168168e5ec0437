import type { KubeObject, Stored } from '../../src/kube/objects.ts';
import { canonicalJson, type Json } from '../../src/std/canonical-json.ts';
import type { Instant } from '../../src/std/instant.ts';
import type { FakeApiServer } from '../fakes/fake-api-server/fake-api-server.ts';
import type { FakeClient, FakeIssuerDriver } from '../fakes/fake-issuer-driver.ts';

type Any = Stored<
  KubeObject & {
    readonly spec?: Json;
    readonly type?: string;
    readonly data?: Readonly<Record<string, string>>;
    readonly status?: {
      readonly conditions?: readonly {
        readonly type: string;
        readonly status: string;
        readonly reason: string;
      }[];
      readonly observedGeneration?: number;
      readonly clientID?: string;
    };
  }
>;

const ours = ['oauthissuers', 'tenantscopes', 'oauthclients', 'workloadidentitybindings'] as const;

/**
 * Everything that is there in the end, as lines that are equal for equal states: without ids, versions and times. What the issuer
 * still holds of a living client that is refused is left out: without rights it is as good as one that was never registered.
 */
export function finalState(server: FakeApiServer, issuer: FakeIssuerDriver, now: Instant): readonly string[] {
  const uids = new Set([...server.objects.values()].map(({ metadata }) => metadata.uid));
  const objects = ours.flatMap((plural) =>
    server.storage.list(plural).map((object) => objectLine(object as Any)),
  );
  const secrets = server.storage
    .list('secrets')
    .map((secret) => secretLine(secret as Any, uids, issuer, now));
  const clients = [...issuer.clients.values()].map((client) => clientLine(client, uids));
  return [...objects, ...secrets, ...clients].filter((line) => line !== undefined).sort();
}

/** A rotation takes longer than people wait for the rest. */
export const whileRotating = ', while it rotates';

function clientLine({ desired }: FakeClient, uids: ReadonlySet<string>): string | undefined {
  const { name, scopes, audiences, roles, tenantID, authentication, mark } = desired;
  const owner = owned(mark.split(':').at(-1), uids);
  if (owner === 'living' && tenantID === 'withdrawn' && scopes.length + audiences.length + roles.length === 0)
    return undefined;
  const account =
    authentication.method === 'Federated' ? `for ${owned(authentication.workload.uid, uids)} account` : '';
  return `issuer client ${name} ${owner}: ${[scopes, audiences, roles].join(' ')} of ${tenantID} by ${authentication.method} ${account}`;
}

const owned = (uid: string | undefined, uids: ReadonlySet<string>): string =>
  uid !== undefined && uids.has(uid) ? 'living' : 'dead';

function objectLine({ kind, metadata, spec, status }: Any): string {
  const conditions = (status?.conditions ?? [])
    .map((told) => `${told.type}=${told.status}/${told.reason}`)
    .sort();
  const going = metadata.deletionTimestamp === undefined ? '' : ' going';
  const seen = status?.observedGeneration === metadata.generation ? '' : ' unseen';
  const isRegistered = conditions.includes('Registered=True/Registered');
  const known = isRegistered && status?.clientID !== undefined ? ' with an id' : '';
  return `${kind} ${metadata.name}${going}${seen}${known}: ${conditions.join(' ')} ${canonicalJson(spec)}`;
}

function secretLine(
  secret: Any,
  uids: ReadonlySet<string>,
  issuer: FakeIssuerDriver,
  now: Instant,
): string | undefined {
  const { metadata, type, data = {} } = secret;
  const { annotations = {} } = metadata;
  const [controller] = metadata.ownerReferences ?? [];
  const value = (key: string): string => Buffer.from(data[key] ?? '', 'base64').toString();
  switch (type) {
    case 'grantor.dev/token': {
      const {
        scope,
        audience,
        client_id = '',
      } = JSON.parse(value('metadata.json')) as Record<string, string>;
      const from = issuer.clients.has(client_id) ? 'a known' : 'an unknown';
      const life = Date.parse(value('expires_at')) > now ? 'living' : 'expired';
      const issued = issuer.issued.find(({ token }) => token.reveal() === value('token'));
      const active = issued !== undefined && issuer.isActive(issued) ? 'active' : 'void';
      return `${life}, ${active} token ${metadata.name} of a ${owned(controller?.uid, uids)} binding: ${scope} for ${audience} from ${from} client`;
    }
    case 'grantor.dev/client':
      return `credentials ${metadata.name} of a ${owned(controller?.uid, uids)} client: ${Object.keys(data).sort().join()}, ${fit(secret, value, issuer)}`;
    case 'grantor.dev/registration': {
      const owner = owned(annotations['grantor.dev/client-uid'], uids);
      const rights = issuer.clients.get(value('client_id'))?.desired.tenantID ?? 'withdrawn';
      if (owner === 'living' && rights === 'withdrawn') return undefined;
      const rotates = annotations['grantor.dev/rotation-phase'] === undefined ? '' : whileRotating;
      return `record of ${owner} client ${annotations['grantor.dev/client-name']}: ${fit(secret, value, issuer)}${rotates}`;
    }
    default:
      return `Secret ${metadata.name} of somebody else`;
  }
}

/** Whether the issuer knows the client, and would let it in with the secret that is stored, if it has one. */
function fit({ data = {} }: Any, value: (key: string) => string, issuer: FakeIssuerDriver): string {
  const client = issuer.clients.get(value('client_id'));
  if (client === undefined) return 'unknown to the issuer';
  const opens =
    client.clientSecrets.length === 0 ||
    ('client_secret' in data && client.clientSecrets.includes(value('client_secret')));
  return opens ? 'let in' : 'kept out';
}
