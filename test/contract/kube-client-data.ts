import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeFailure } from '../../src/kube/kube-failure.ts';
import type { KubeObject, ObjectMeta, Stored } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import type { Duration } from '../../src/std/duration.ts';
import type { Result } from '../../src/std/result.ts';

/** One client of one API server that knows our kinds. */
export interface KubeUnderTest {
  readonly client: KubeClient;
  /** Of somebody else, under another name. */
  readonly other: KubeClient;
  /** A namespace that is there and that no other test uses. */
  readonly namespace: string;
  /** Lets so much of the server's time pass. */
  pass(time: Duration): Promise<void>;
  close(): Promise<void>;
}

export {
  configMapKind as configMaps,
  namespaceKind as namespaces,
  secretKind as secrets,
  serviceAccountKind as serviceAccounts,
} from '../../src/kube/core-kinds.ts';
/** A kind with a status of its own. It is none of Grantor's: the status of those is for the controller alone to write. */
export const widgets: ResourceKind = {
  group: 'contract.example',
  version: 'v1',
  plural: 'widgets',
  kind: 'Widget',
  namespaced: true,
};

export interface SecretObject extends KubeObject {
  readonly type?: string;
  readonly immutable?: boolean;
  readonly stringData?: Readonly<Record<string, string>>;
  readonly data?: Readonly<Record<string, string>>;
}
export interface WidgetObject extends KubeObject {
  readonly spec: object;
  readonly status?: { readonly clientID?: string; readonly observedGeneration?: number };
}

/** Unlike the UUIDs that a FakeRng counts up: those are in secrets that the leak canary looks for. */
export const otherUID = 'eeeeeeee-eeee-4eee-8eee-eeeeeeeeeeee';

export const aSecret = (metadata: ObjectMeta, more: Partial<SecretObject> = {}): SecretObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata,
  type: 'grantor.dev/token',
  stringData: { token: 'one' },
  ...more,
});

export const aServiceAccount = (metadata: ObjectMeta): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata,
});

export const aWidget = (metadata: ObjectMeta): WidgetObject => ({
  apiVersion: 'contract.example/v1',
  kind: 'Widget',
  metadata,
  spec: { scopes: ['invoices.read'], roles: [] },
});

/** The value of a call that the test needs to succeed. */
export const expectOk = <T>(result: Result<T, KubeFailure>): T => {
  if (!result.ok) throw new Error(`${result.error.kind}: ${result.error.message}`);
  return result.value;
};

/** What came of a call, in a word and the status that the server gave. */
export const kindOf = (result: Result<unknown, KubeFailure>): string =>
  result.ok ? 'ok' : `${result.error.kind} ${result.error.status}`;

/** Where an object is and which version of it is meant. */
export const identityOf = ({ metadata: { namespace, name, uid, resourceVersion } }: Stored) => ({
  ...(namespace === undefined ? {} : { namespace }),
  name,
  uid,
  resourceVersion,
});
