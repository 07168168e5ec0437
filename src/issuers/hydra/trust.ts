import type { Workload } from '../../domain/desired-client.ts';
import type { ClusterKey } from '../../domain/held-keys.ts';
import type { IssuerFailure } from '../../ports/issuer-failure.ts';
import { err, ok, type Result } from '../../std/result.ts';
import type { Fetch } from '../issuer-fetch.ts';
import type { AdminAPI } from './admin-api.ts';
import { jwtBearer } from './client-form.ts';
import { listClients } from './clients.ts';
import { addRow, dropKeyOf, listRows, type TrustRow } from './trust-rows.ts';

/** The cluster whose ServiceAccount tokens log clients in. */
export interface WorkloadCluster {
  readonly id: string;
  /** `iss` of its ServiceAccount tokens. */
  readonly issuer: string;
  /** What signs them, now and soon: its JWKS. */
  readonly keys: () => Promise<Result<readonly ClusterKey[], IssuerFailure>>;
}

export interface Trust {
  /** Has a workload's tokens accepted, for these scopes at least. */
  admit(workload: Workload, scopes: readonly string[], fetch: Fetch): Promise<Result<void, IssuerFailure>>;
  /**
   * Has every workload that has a client accepted by every key of the cluster, and none by a `former` key: also after somebody, or
   * something that was interrupted, has taken rows away.
   */
  uphold(former: readonly string[], fetch: Fetch): Promise<Result<void, IssuerFailure>>;
  /** How many rows were added so far: if more than before, what was refused meanwhile may be worth another try. */
  additions(): number;
  /** Whether it is known that no workload is accepted by this key yet. */
  lacks(keyID: string): boolean;
  /** Resolves when no row is away for a moment. */
  settled(): Promise<unknown>;
}

type Answer<T> = Promise<Result<T, IssuerFailure>>;
type Entry = Pick<TrustRow, 'subject' | 'scopes'>;

/** Matches every scope where Hydra matches wildcards, as it does unless it is told otherwise. */
const everyScope = '*';

/**
 * Keeps the rows of one cluster at one Hydra. A row of a workload that has no client any more stays until its key goes: there is no way to
 * take away one alone. `isBound`: a token hook refuses assertions that are shown for another client than their workload's, so that the scopes of a
 * row hold nobody, and need never be changed.
 */
export function createTrust(api: AdminAPI, cluster: WorkloadCluster, isBound: boolean): Trust {
  /** Scopes by key and subject, as far as they are known. */
  let known: Map<string, Map<string, readonly string[]>> | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let swap: Promise<unknown> = Promise.resolve();
  let additions = 0;

  /** One after the other: what one has read must still be so when it writes. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = turn.then(work);
    turn = mine.catch(() => {});
    return mine;
  };
  const remember = (keyID: string, { subject, scopes }: Entry): void => {
    known ??= new Map();
    const ofKey = known.get(keyID) ?? new Map<string, readonly string[]>();
    known.set(keyID, ofKey.set(subject, scopes));
  };
  const read = async (fetch: Fetch): Answer<readonly TrustRow[]> => {
    const rows = await listRows(api, cluster.issuer, fetch);
    if (!rows.ok) return rows;
    known = new Map();
    for (const row of rows.value) remember(row.keyID, row);
    return rows;
  };
  const add = async (key: ClusterKey, entry: Entry, fetch: Fetch): Answer<'added' | 'exists'> => {
    const answer = await addRow(api, cluster.issuer, key, entry, fetch);
    if (answer.ok && answer.value === 'added') {
      additions += 1;
      remember(key.kid, entry);
    }
    return answer;
  };
  const suffices = (key: ClusterKey, { subject, scopes }: Entry): boolean | undefined => {
    const has = known?.get(key.kid)?.get(subject);
    return has && (has.includes(everyScope) || scopes.every((scope) => has.includes(scope)));
  };

  async function ensure(key: ClusterKey, entry: Entry, fetch: Fetch): Answer<unknown> {
    const before = suffices(key, entry);
    if (before === true) return ok(undefined);
    const added = before === undefined ? await add(key, entry, fetch) : ok('exists');
    if (!added.ok || added.value === 'added') return added;
    const rows = await read(fetch);
    if (!rows.ok || suffices(key, entry) === true) return rows;
    const swapping = replaceRows(key, rows.value, entry, fetch);
    swap = swapping.catch(() => {});
    return swapping;
  }

  /**
   * The one way to give a row other scopes: all of its key go, and come back at once. Requests through this driver wait for that; others may be
   * refused meanwhile. What is interrupted here is put right by the next `uphold`.
   */
  async function replaceRows(
    key: ClusterKey,
    rows: readonly TrustRow[],
    entry: Entry,
    fetch: Fetch,
  ): Answer<unknown> {
    const ofKey = rows.filter(({ keyID }) => keyID === key.kid);
    const [first] = ofKey;
    const others = ofKey.filter(({ subject }) => subject !== entry.subject);
    const dropped = first ? await dropKeyOf(api, first, fetch) : ok(undefined);
    if (!dropped.ok) return dropped;
    known?.delete(key.kid);
    return addAll(
      [entry, ...others].map((one) => ({ key, entry: one })),
      fetch,
    );
  }

  /** As many at a time as an issuer is asked at all; the first failure is told when all have been tried. */
  async function addAll(
    wanted: readonly { readonly key: ClusterKey; readonly entry: Entry }[],
    fetch: Fetch,
  ): Answer<void> {
    const left = [...wanted];
    let failed: Result<never, IssuerFailure> | undefined;
    const work = async (): Promise<void> => {
      for (let next = left.shift(); next; next = left.shift()) {
        const answer = await add(next.key, next.entry, fetch);
        if (!answer.ok) failed ??= answer;
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    return failed ?? ok(undefined);
  }

  const scopesOf = (scopes: readonly string[]): readonly string[] =>
    isBound ? [...scopes, everyScope] : scopes;

  /** The workloads of this cluster that have a client which may log in. */
  async function workloads(fetch: Fetch): Answer<readonly Entry[]> {
    const found: Entry[] = [];
    let page: string | undefined;
    do {
      const listed = await listClients(api, page, fetch);
      if (!listed.ok) return listed;
      for (const { client, bears } of listed.value.clients) {
        const { grant_types: grants, scope } = client;
        const isOurs = bears?.mark.startsWith(`grantor:${cluster.id}:`);
        if (!isOurs || bears?.workload?.issuer !== cluster.issuer) continue;
        if (!Array.isArray(grants) || !grants.includes(jwtBearer)) continue;
        const scopes = scopesOf(typeof scope === 'string' ? scope.split(' ') : []);
        found.push({ subject: bears.workload.subject, scopes });
      }
      page = listed.value.next;
    } while (page !== undefined);
    return ok(found);
  }

  return {
    admit: ({ subject }, scopes, fetch) =>
      inTurn(async () => {
        const keys = await cluster.keys();
        if (!keys.ok) return keys;
        for (const key of keys.value) {
          const ensured = await ensure(key, { subject, scopes: scopesOf(scopes) }, fetch);
          if (!ensured.ok) return ensured;
        }
        return ok(undefined);
      }),

    uphold: (former, fetch) =>
      inTurn(async () => {
        const keys = await cluster.keys();
        if (!keys.ok) return keys;
        const wanted = await workloads(fetch);
        if (!wanted.ok) return wanted;
        const rows = await read(fetch);
        if (!rows.ok) return rows;
        const missing = keys.value.flatMap((key) =>
          wanted.value
            .filter(({ subject }) => !known?.get(key.kid)?.has(subject))
            .map((entry) => ({ key, entry })),
        );
        const added = await addAll(missing, fetch);
        if (!added.ok) return added;
        for (const keyID of former) {
          const row = rows.value.find((one) => one.keyID === keyID);
          const dropped = row ? await dropKeyOf(api, row, fetch) : ok(undefined);
          if (!dropped.ok) return err(dropped.error);
          known?.delete(keyID);
        }
        return added;
      }),

    additions: () => additions,
    lacks: (keyID) => known !== undefined && !known.has(keyID),
    settled: () => swap,
  };
}
