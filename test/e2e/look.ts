import { expect, vi } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { oauthIssuerKind } from '../../src/api/oauth-issuer.ts';
import { tenantScopeKind } from '../../src/api/tenant-scope.ts';
import type { WithdrawalStatus } from '../../src/api/withdrawal-field.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import type { Condition, KubeObject, Stored } from '../../src/kube/objects.ts';
import type { ResourceKind } from '../../src/kube/resource-path.ts';
import { captureObject } from '../canary/capture.ts';
import { remember } from '../canary/remember.ts';
import { listAll } from './clear-cluster.ts';
import { secretKind } from './objects.ts';
import type { TestStage } from './use-stage.ts';

export const kindOf = {
  issuer: oauthIssuerKind,
  tenant: tenantScopeKind,
  client: oauthClientKind,
  binding: workloadIdentityBindingKind,
} as const;

type Seen = KubeObject & {
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly clientID?: string;
    readonly pods?: number;
    readonly refused?: readonly unknown[];
    readonly withdrawal?: WithdrawalStatus;
    readonly lastWithdrawal?: object;
    readonly violations?: readonly { readonly message: string }[];
    readonly conditions?: readonly Condition[];
  };
};
type SecretObject = KubeObject & { readonly type: string; readonly data?: Readonly<Record<string, string>> };

/** `namespace/name`, or a name alone for what is in no namespace. */
const split = (key: string): { namespace?: string; name: string } => {
  const [first = '', second] = key.split('/');
  return second === undefined ? { name: first } : { namespace: first, name: second };
};

/** Reads what a person with kubectl could read, and waits for it. */
export const look = (stage: TestStage) => {
  const find = async <T extends KubeObject = Seen>(
    kind: ResourceKind,
    key: string,
  ): Promise<Stored<T> | undefined> => {
    const found = await stage.kube.get<T>(kind, split(key));
    if (!found.ok && found.error.kind !== 'notFound') throw new Error(found.error.message);
    return found.ok ? found.value : undefined;
  };
  const object = async (kind: keyof typeof kindOf, key: string): Promise<Stored<Seen>> => {
    const found = await find(kindOf[kind], key);
    if (found === undefined) throw new Error(`there is no ${kind} ${key}`);
    captureObject(stage, found);
    return found;
  };
  /** A condition as `status reason: message`; empty while status is about an earlier generation. */
  const condition = async (kind: keyof typeof kindOf, key: string, type = 'Ready'): Promise<string> => {
    const { metadata, status } = await object(kind, key);
    if (status?.observedGeneration !== metadata.generation) return '';
    const found = status?.conditions?.find((candidate) => candidate.type === type);
    return found ? `${found.status} ${found.reason}: ${found.message}` : '';
  };
  const secret = (key: string) => find<SecretObject>(secretKind, key);
  return {
    object,
    condition,
    secret,
    /** Waits until the condition begins like this, or matches. Answers with the whole of it. */
    async until(
      kind: keyof typeof kindOf,
      key: string,
      wanted: string | RegExp,
      { type = 'Ready', within = 10_000 } = {},
    ) {
      const pattern = typeof wanted === 'string' ? new RegExp(`^${wanted}\\b`) : wanted;
      const wait = { timeout: within, interval: 50 };
      return vi.waitFor(async () => {
        const said = await condition(kind, key, type);
        expect(said, `${type} of ${kind} ${key}`).toMatch(pattern);
        return said;
      }, wait);
    },
    async clientID(key: string): Promise<string | undefined> {
      return (await object('client', key)).status?.clientID;
    },
    /** The content of a Secret; undefined when it is not there. */
    async content(key: string): Promise<Readonly<Record<string, string>> | undefined> {
      const found = await secret(key);
      if (found === undefined) return undefined;
      const content = Object.fromEntries(
        Object.entries(found.data ?? {}).map(([name, value]) => [
          name,
          Buffer.from(value, 'base64').toString('utf8'),
        ]),
      );
      for (const name of ['token', 'client_secret']) remember(content[name]);
      return content;
    },
    /** Deletes an object as anybody with the right would. */
    async remove(kind: ResourceKind, key: string): Promise<void> {
      const found = await find(kind, key);
      if (found === undefined) throw new Error(`there is no ${kind.kind} ${key}`);
      const deleted = await stage.kube.delete(kind, split(key), { uid: found.metadata.uid });
      if (!deleted.ok) throw new Error(deleted.error.message);
    },
    gone: (kind: ResourceKind, key: string, within = 10_000) =>
      vi.waitFor(async () => expect(await find(kind, key), `${kind.kind} ${key}`).toBeUndefined(), {
        timeout: within,
        interval: 50,
      }),
    list: <T extends KubeObject>(kind: ResourceKind) => listAll<T>(stage.kube, kind),
  };
};
