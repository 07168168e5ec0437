import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { oauthClientKind } from '../../src/api/oauth-client.ts';
import { workloadIdentityBindingKind } from '../../src/api/workload-identity-binding.ts';
import type { KubeClient } from '../../src/kube/kube-client.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { readAudit, selectRequests } from '../cluster/audit-log.ts';
import { listAll } from '../e2e/clear-cluster.ts';
import { look } from '../e2e/look.ts';
import { secretKind } from '../e2e/objects.ts';
import { onOwnControlPlane, useStage } from '../e2e/use-stage.ts';
import { controllerUser } from '../stage/stage.ts';
import { type Cell, tenantA, tenantB } from './answers.ts';
import { acrossTheCluster, type ForeignAct, inNamespaces } from './foreign-acts.ts';
import { ownActs } from './own-acts.ts';
import { nobodys, others, referenceRows } from './references.ts';
import { setScene } from './scene.ts';
import { versionsBeyondA } from './snapshot.ts';
import { tryCell } from './try-cell.ts';
import { valueRows } from './values.ts';

const cells: readonly Cell[] = [...referenceRows.flatMap((row) => row.cells), ...valueRows.flat()].filter(
  (cell) => cell !== undefined,
);
const nameOf = (cell: Cell): string => `cell-${cells.indexOf(cell)}`;

type Told = KubeObject & { readonly status?: { readonly conditions?: object; readonly violations?: object } };
type SecretObject = KubeObject & { readonly type: string; readonly data?: Readonly<Record<string, string>> };

describe.runIf(onOwnControlPlane())('the tenant matrix', () => {
  const stage = useStage();
  const see = look(stage);
  let tenant: KubeClient;
  let before: Readonly<Record<string, string>>;
  let auditOffset: number;
  let ids: { readonly $mine: string; readonly $theirs: string };

  beforeAll(async () => {
    tenant = await setScene(stage, see);
    ids = {
      $mine: (await see.clientID(`${tenantA}/own`)) ?? '',
      $theirs: (await see.clientID(`${tenantB}/victim`)) ?? '',
    };
    before = await versionsBeyondA(stage.kube);
    auditOffset = readAudit(stage.controlPlane.auditLog).offset;
  });
  afterAll(() => tenant.close());

  const valueOf = ({ value }: Cell): string => ids[value as keyof typeof ids] ?? value;
  const kindOf = (cell: Cell) => (cell.kind === 'OAuthClient' ? 'client' : 'binding');
  const titled = (some: readonly Cell[]): [string, Cell][] =>
    some.map((cell) => [`${cell.kind} ${cell.field}, ${cell.what}: ${cell.answer}`, cell]);

  describe('what the API server refuses', () => {
    test.each(titled(cells.filter(({ answer }) => answer === 'schema')))('%s', async (_, cell) => {
      const created = await tryCell(tenant, nameOf(cell), cell, valueOf(cell));
      expect(created).toMatchObject({ ok: false, error: { kind: 'invalid' } });
    });
  });

  describe('what Grantor answers', () => {
    const accepted = cells.filter(({ answer }) => answer !== 'schema');
    beforeAll(async () => {
      for (const cell of accepted) {
        const created = await tryCell(tenant, nameOf(cell), cell, valueOf(cell));
        expect(created, `${cell.field} ${cell.what}`).toMatchObject({ ok: true });
      }
    });

    test.each(titled(accepted))('%s', async (_, cell) => {
      const wanted = cell.answer === 'own' ? 'True' : `False ${cell.answer}`;
      await see.until(kindOf(cell), `${tenantA}/${nameOf(cell)}`, wanted);
    });

    /** All that is said of a cell, but for its name, its value and times. */
    async function saidOf(cell: Cell): Promise<string> {
      const { status } = await see.object(kindOf(cell), `${tenantA}/${nameOf(cell)}`);
      const told = JSON.stringify({ conditions: status?.conditions, violations: status?.violations });
      return told
        .replaceAll(nameOf(cell), 'CELL')
        .replaceAll(valueOf(cell), 'VALUE')
        .replaceAll(status?.clientID ?? 'no id', 'ID')
        .replaceAll(/"lastTransitionTime":"[^"]*"/g, '');
    }

    const strangers = accepted.filter(({ what }) => others.some((other) => other === what));
    test.each(titled(strangers))('%s, in the words that nobody’s get', async (_, cell) => {
      const unknown = accepted.find(
        ({ kind, field, what }) => kind === cell.kind && field === cell.field && what === nobodys,
      );
      expect(await saidOf(cell)).toBe(await saidOf(unknown!));
    });
  });

  describe('what A does with objects of its own', () => {
    test.each(ownActs)('$what: $answer', async ({ answer, act, ready }) => {
      const done = await act(tenant, stage.kube);
      if (answer === 'own') expect(done).toMatchObject({ ok: true });
      else {
        const message = answer === 'RBAC' ? ' cannot ' : `ValidatingAdmissionPolicy '${answer}'`;
        const error = { kind: 'forbidden', message: expect.stringContaining(message) };
        expect(done).toMatchObject({ ok: false, error });
      }
      if (ready !== undefined) await see.until(ready.kind, `${tenantA}/${ready.name}`, 'True');
    });
  });

  describe('what A tries past Grantor', () => {
    const nobody = { namespace: 'matrix-nobody', name: 'nobody' };
    const refused = async ({ act }: ForeignAct, at: typeof nobody): Promise<string> => {
      const done = await act(tenant, at);
      expect(done).toMatchObject({ ok: false, error: { kind: 'forbidden' } });
      const { message } = (done as { error: { message: string } }).error;
      return message.replaceAll(at.namespace, 'NAMESPACE').replaceAll(at.name, 'NAME');
    };

    test.each(inNamespaces)(
      '$what, in a namespace that is not its own, is refused as in one that is not there',
      async (act) => {
        const unknown = await refused(act, nobody);
        for (const [namespace, name] of [
          [tenantB, 'victim'],
          ['kube-system', 'system'],
          ['grantor-system', 'operator'],
        ] as const) {
          expect(await refused(act, { namespace, name })).toBe(unknown);
        }
      },
    );

    test.each(acrossTheCluster)('$what is refused', async (act) => {
      const unknown = await refused(act, nobody);
      expect(await refused(act, { namespace: tenantB, name: 'victim' })).toBe(unknown);
    });
  });

  describe('and after all that', () => {
    test('nothing that is not A’s has changed', async () => {
      expect(await versionsBeyondA(stage.kube)).toEqual(before);
    });

    test('every token that A got is within its own ceiling, and of one of its own clients', async () => {
      const clients = await listAll<KubeObject & { status?: { clientID?: string } }>(
        stage.kube,
        oauthClientKind,
      );
      const own = clients
        .filter(({ metadata }) => metadata.namespace === tenantA)
        .map(({ status }) => status?.clientID);
      const tokens = (await listAll<SecretObject>(stage.kube, secretKind))
        .filter(({ type, metadata }) => type === 'grantor.dev/token' && metadata.namespace === tenantA)
        .map(({ data }) => decodeJwt(Buffer.from(data?.['token'] ?? '', 'base64').toString()));
      expect(tokens.length).toBeGreaterThan(10);
      for (const { aud, scope, tenant_id, client_id, roles = [], iat = 0, exp = Infinity } of tokens) {
        expect({ aud, tenant_id, roles }).toEqual({
          aud: 'https://a.example',
          tenant_id: tenantA,
          roles: [],
        });
        expect(scope).toMatch(/^a\.\S+$/);
        expect(own).toContain(client_id);
        expect(exp - iat).toBeLessThanOrEqual(900);
      }
    });

    test('for the others no token was asked for, and none of their Secrets was read', () => {
      const { events } = readAudit(stage.controlPlane.auditLog, auditOffset);
      const ours = selectRequests(events, { user: controllerUser });
      expect(ours.length).toBeGreaterThan(100);
      const tokens = ours.filter(({ subresource }) => subresource === 'token');
      expect(tokens.filter(({ namespace }) => namespace !== tenantA)).toEqual([]);
      const read = ours.filter(({ resource, verb }) => resource === 'secrets' && verb === 'get');
      expect(new Set(read.map(({ namespace }) => namespace))).toEqual(new Set([tenantA, 'grantor-system']));
      const notOfGrantor = read.filter(({ name }) => !/^(client-|quickstart-issuer$)/.test(name));
      const foreign = notOfGrantor.filter(({ namespace }) => namespace !== tenantA);
      expect(foreign).toEqual([]);
    });

    test('nothing that A can read tells of what is B’s', async () => {
      const readable = await Promise.all(
        [oauthClientKind, workloadIdentityBindingKind, secretKind].map((kind) => allOf(kind)),
      );
      // Owners are what A has written itself.
      const text = JSON.stringify(readable, (key, value: unknown) =>
        /^(ownerReferences|managedFields)$/.test(key) ? undefined : value,
      );
      const theirs = (await listAll<Told>(stage.kube, oauthClientKind))
        .concat(await listAll<Told>(stage.kube, workloadIdentityBindingKind))
        .concat(await listAll<Told>(stage.kube, secretKind))
        .filter(({ metadata }) => metadata.namespace === tenantB)
        .flatMap(({ metadata, ...rest }) => [metadata.uid, ...valuesOf((rest as SecretObject).data)]);
      expect(theirs.length).toBeGreaterThan(10);
      expect(theirs.filter((secret) => text.includes(secret))).toEqual([]);
    });

    async function allOf(kind: typeof oauthClientKind | typeof secretKind): Promise<KubeObject[]> {
      const all: KubeObject[] = [];
      for await (const page of tenant.list<KubeObject>(kind, { namespace: tenantA })) {
        if (!page.ok) throw new Error(page.error.message);
        all.push(...page.value.items);
      }
      return all;
    }
    /** But for the name of their common issuer, what B's Secrets hold. */
    const valuesOf = (data: Readonly<Record<string, string>> = {}): string[] =>
      Object.entries(data)
        .filter(([name, value]) => name !== 'issuer' && value.length > 16)
        .map(([, value]) => value);
  });
});
