import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { oauthClientKind } from '../src/api/oauth-client.ts';
import type { WithdrawalStatus } from '../src/api/withdrawal-field.ts';
import { workloadIdentityBindingKind } from '../src/api/workload-identity-binding.ts';
import type { KubeObject, Stored } from '../src/kube/objects.ts';
import type { ResourceKind } from '../src/kube/resource-path.ts';
import { aBinding, anIssuer, aTenant, secretKind } from '../test/e2e/objects.ts';
import { inFlight } from '../test/stage/in-flight.ts';
import { applyManifests } from '../test/stage/manifests.ts';
import type { Population } from '../test/stage/population.ts';
import { type Asked, countCalls } from './audit.ts';
import type { BareWithdrawals } from './bare/withdraw.ts';
import { runBareLoop } from './bare-loop.ts';
import { startController } from './controller-process.ts';
import { asCount, asRatio, atMost, type Figure, inMilliseconds, inSeconds, told } from './figure.ts';
import type { Scene } from './scene.ts';
import { type FollowedTenant, followTenants, type SeenRenewal } from './withdraw/follow-tenants.ts';
import { createOnlooker, type Login, type Onlooker, pause } from './withdraw/onlooker.ts';

const clients = 100;
const perClient = 10;
const bindings = clients * perClient;
const rounds = 2;
/** In which each binding renews once. */
const cycle = 54_000;

/** Two tenants at the embedded issuer; tokens live so briefly that some are renewed at any moment. */
export const twoTenants: Population = {
  ...{ name: 'pair', issuer: 'main', withClientIDs: false },
  ...{ tenants: 2, clients, lifetime: '90s' },
};
const [suspended, other] = ['pair-0', 'pair-1'];
/** What an OAuthIssuer has where it says nothing. */
export const defaultLimits = { requestsPerSecond: 50, burst: 100, concurrency: 16 };
/** An update and the end of all tokens, for each client. */
const requests = 2 * clients;
/** The other tenant's renewals take their part of what the issuer allows, and are not to wait. */
const issuerTime = requests / (defaultLimits.requestsPerSecond - bindings / (cycle / 1000));

type Told = KubeObject & { readonly status?: { readonly withdrawal?: WithdrawalStatus } };
type WithData = KubeObject & { readonly data?: Readonly<Record<string, string>> };

/** One tenant of a thousand bindings is suspended beside another; a few times, and once more while the issuer hangs. */
export async function withdraw(scene: Scene): Promise<Figure[]> {
  await grow(scene);
  const onlooker = await createOnlooker(scene);
  const controller = await startController(scene);
  const seen = followTenants(scene.kube, [suspended, other]);
  const [ours, theirs] = [seen.of(suspended), seen.of(other)];
  await until(() => ours.present === bindings && theirs.present === bindings, 'all have a token');
  scene.report('the issuer has the limits that it has by default from now on');
  await applyManifests(scene.kube, [
    anIssuer({ url: scene.issuerURL, spec: { limits: { controller: defaultLimits } } }),
  ]);

  const measured: Round[] = [];
  for (let round = 1; round <= rounds; round++) {
    // Until the renewals of what was born together have spread.
    await pause(cycle);
    const result = await suspend(scene, onlooker, ours, theirs);
    measured.push(result);
    scene.report(
      `round ${round} of ${rounds}: Secrets gone after ${inSeconds(result.gone)}, tokens inactive after ${inSeconds(result.inactive)}, nothing new after ${inSeconds(result.nothingNew)}`,
    );
    await lift(scene, ours);
  }
  const hanging = await suspendWhileHanging(scene, ours, theirs);
  await controller.program.end();
  await seen.stop();
  const bare = await withdrawBare(scene, measured);

  const best = (what: 'gone' | 'inactive' | 'nothingNew'): number =>
    Math.min(...measured.map((round) => round[what]));
  const p99 = (which: 'beside' | 'alone'): number =>
    percentile(
      measured.flatMap((round) => round[which]),
      99,
    );
  return [
    atMost(`${bindings} Secrets gone`, best('gone'), 5, inSeconds, bare),
    told('of the bare loop', best('gone') / bare, asRatio),
    atMost('no token active at introspection', best('inactive'), 5 + issuerTime, inSeconds),
    atMost('no new token for pods that ask', best('nothingNew'), 5 + issuerTime, inSeconds),
    told("the other tenant's renewals late by, p99, alone", p99('alone'), inMilliseconds),
    atMost('and beside the withdrawal', p99('beside') / p99('alone'), 1.2, asRatio),
    atMost('changes for the other but renewals', sum(measured.map(({ changes }) => changes)), 0, asCount),
    atMost('issuer hangs: Secrets gone', hanging.gone, 5, inSeconds),
    told('issuer hangs: all are told Unconfirmed', hanging.told, inSeconds),
    told('issuer is back: all are told Confirmed', hanging.healed, inSeconds),
    atMost('tokens that the other lost meanwhile', hanging.lost, 0, asCount),
  ];
}

interface Round {
  /** Seconds since the request that suspends the tenant. */
  readonly gone: number;
  readonly inactive: number;
  readonly nothingNew: number;
  /** By how many milliseconds renewals of the other tenant came late, once each, from that request on, and in the cycle after. */
  readonly beside: readonly number[];
  readonly alone: readonly number[];
  /** What the other tenant saw besides. */
  readonly changes: number;
  readonly asked: Asked;
}

async function suspend(
  scene: Scene,
  onlooker: Onlooker,
  ours: FollowedTenant,
  theirs: FollowedTenant,
): Promise<Round> {
  const tokens = await tokensOf(scene);
  const logins = await loginsOf(scene);
  await onlooker.prepare(logins);
  const before = theirs.others + theirs.removals.length;
  const asked = countCalls(scene);
  const at = Date.now();
  const since = async <T>(work: Promise<T>): Promise<readonly [number, T]> => {
    const value = await work;
    return [(Date.now() - at) / 1000, value];
  };
  await setSuspended(scene, true);
  const [[gone], [inactive], [nothingNew, given]] = await Promise.all([
    since(until(() => ours.present === 0, 'all Secrets are gone')),
    since(onlooker.noneActive(tokens)),
    since(onlooker.nothingNew(logins)),
  ]);
  // Those that pods got meanwhile are no better than the others.
  const [late] = await since(onlooker.noneActive(given));
  const lateness = (from: number): number[] =>
    theirs.renewals
      .filter(({ seenAt }: SeenRenewal) => seenAt >= from && seenAt < from + cycle)
      .map((one) => one.late);
  await pause(at + 2 * cycle - Date.now());
  return {
    gone,
    inactive: given.length > 0 ? Math.max(inactive, late) : inactive,
    nothingNew,
    beside: lateness(at),
    alone: lateness(at + cycle),
    changes: theirs.others + theirs.removals.length - before,
    asked: asked(),
  };
}

interface Hanging {
  readonly gone: number;
  readonly told: number;
  readonly healed: number;
  /** Tokens that the other tenant had no successors of in time. */
  readonly lost: number;
}

/** The process of the issuer stands still: connections are taken, and nothing is ever answered. */
async function suspendWhileHanging(
  scene: Scene,
  ours: FollowedTenant,
  theirs: FollowedTenant,
): Promise<Hanging> {
  await pause(cycle);
  const before = theirs.removals.length;
  scene.issuer.signal('SIGSTOP');
  let stopped = true;
  try {
    await pause(1000);
    const at = Date.now();
    await setSuspended(scene, true);
    await until(() => ours.present === 0, 'all Secrets are gone');
    const gone = (Date.now() - at) / 1000;
    await revocationIs(scene, 'Unconfirmed');
    const toldAfter = (Date.now() - at) / 1000;
    scene.issuer.signal('SIGCONT');
    stopped = false;
    const back = Date.now();
    await revocationIs(scene, 'Confirmed');
    const healed = (Date.now() - back) / 1000;
    return { gone, told: toldAfter, healed, lost: theirs.removals.length - before };
  } finally {
    if (stopped) scene.issuer.signal('SIGCONT');
  }
}

/** The same calls, for the other tenant, when no controller runs. */
async function withdrawBare(scene: Scene, measured: readonly Round[]): Promise<number> {
  const { kube, server, pod, dir } = scene;
  const tally = measured[0]?.asked.calls ?? [];
  const ofBindings = tally.filter(
    ({ resource, subresource, namespace }) =>
      resource === 'workloadidentitybindings' && subresource === 'status' && namespace === suspended,
  );
  const secrets = await list<WithData>(kube, secretKind, other);
  const records = await list<WithData>(kube, secretKind, 'grantor-system');
  const input: BareWithdrawals = {
    ...{ server, pod, caFile: join(dir, 'stage/tls/ca.crt') },
    statuses: Math.round(ofBindings.length / bindings),
    bindings: secrets.map(({ metadata: { namespace = '', name, ownerReferences = [] } }) => ({
      ...{ namespace, secret: name },
      name: ownerReferences[0]?.name ?? '',
    })),
    registrations: records
      .filter(({ metadata }) => metadata.annotations?.['grantor.dev/client-namespace'] === other)
      .map((record) => ({
        uri: valueOf(record, 'registration_client_uri'),
        token: valueOf(record, 'registration_access_token'),
      })),
  };
  const file = join(dir, 'bare-withdrawals.json');
  writeFileSync(file, JSON.stringify(input), { mode: 0o600 });
  scene.report(`and a bare loop: ${input.bindings.length} Secrets, ${input.statuses} statuses each`);
  return Number((await runBareLoop('withdraw', [file])).output);
}

/** Ten bindings for each client; a controller finds them and fills their Secrets. */
async function grow({ kube, report }: Scene): Promise<void> {
  const names = Array.from({ length: clients }, (_, n) => `c${n}`);
  for (const tenant of [suspended, other]) {
    await inFlight(16, names, async (client) => {
      for (let n = 1; n < perClient; n++) {
        const spec = { serviceAccountName: client, clientRef: { name: client } };
        await applyManifests(kube, [aBinding(tenant, `${client}-${n}`, spec)]);
      }
    });
    report(`${bindings} bindings of ${tenant} are there`);
  }
}

const setSuspended = ({ kube }: Scene, suspend: boolean): Promise<unknown> =>
  applyManifests(
    kube,
    aTenant(suspended, { tokens: { maxLifetime: twoTenants.lifetime }, spec: { suspend } }),
  );

async function lift(scene: Scene, ours: FollowedTenant): Promise<void> {
  await setSuspended(scene, false);
  await until(() => ours.present === bindings, 'all have tokens again', 180_000);
}

/** One token of each client: with it all of the client go, or stay. */
async function tokensOf({ kube }: Scene): Promise<string[]> {
  const secrets = await list<WithData>(kube, secretKind, suspended);
  const described = secrets.map((secret): readonly [string, string] => [
    (JSON.parse(valueOf(secret, 'metadata.json')) as { readonly client_id: string }).client_id,
    valueOf(secret, 'token'),
  ]);
  return [...new Map(described).values()];
}

async function loginsOf({ kube }: Scene): Promise<Login[]> {
  const all = await list<KubeObject & { readonly status?: { readonly clientID?: string } }>(
    kube,
    oauthClientKind,
    suspended,
  );
  return all.map(({ metadata: { namespace = '', name }, status }) => ({
    ...{ namespace, serviceAccount: name },
    clientID: status?.clientID ?? '',
  }));
}

/** Waits until every client and binding of the suspended tenant is told this. */
async function revocationIs({ kube }: Scene, wanted: WithdrawalStatus['revocation']): Promise<void> {
  for (let giveUp = Date.now() + 120_000; ; await pause(500)) {
    const all = await Promise.all(
      [oauthClientKind, workloadIdentityBindingKind].map((kind) => list<Told>(kube, kind, suspended)),
    );
    const others = all.flat().filter(({ status }) => status?.withdrawal?.revocation !== wanted);
    if (others.length === 0) return;
    if (Date.now() > giveUp) {
      const [one] = others;
      throw new Error(`${others.length} are not told ${wanted}: ${one?.kind} ${one?.metadata.name}`);
    }
  }
}

async function list<T extends KubeObject>(
  kube: Scene['kube'],
  kind: ResourceKind,
  namespace: string,
): Promise<Stored<T>[]> {
  const all: Stored<T>[] = [];
  for await (const page of kube.list<T>(kind, { namespace })) {
    if (!page.ok) throw new Error(page.error.message);
    all.push(...page.value.items);
  }
  return all;
}

const valueOf = ({ data = {} }: WithData, key: string): string =>
  Buffer.from(data[key] ?? '', 'base64').toString();

async function until(holds: () => boolean, what: string, within = 120_000): Promise<void> {
  for (const giveUp = Date.now() + within; !holds(); await pause(10))
    if (Date.now() > giveUp) throw new Error(`it was not so in time that ${what}`);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

const percentile = (values: readonly number[], percent: number): number =>
  values.toSorted((a, b) => a - b)[Math.ceil((values.length * percent) / 100) - 1] ?? Number.NaN;
