import { beforeAll, describe, expect, test } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { look } from '../e2e/look.ts';
import { aBinding, anIssuer, aServiceAccount, aTenant, aWorkload } from '../e2e/objects.ts';
import { type ApiRequest, beginsList, matches } from '../stage/api-proxy/api-request.ts';
import {
  cuttingTheBody,
  delaying,
  type Fault,
  failing,
  losingTheAnswer,
  refusing,
  webPage,
} from '../stage/api-proxy/fault.ts';
import { errorEvent } from '../stage/api-proxy/rewrites.ts';
import { inFlight } from '../stage/in-flight.ts';
import { prepareChanges } from './changes.ts';
import { since } from './record.ts';
import { useFaultStage } from './use-fault-stage.ts';

const stage = useFaultStage();
const see = look(stage);
const namespace = 'answers';

beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]));

const isWrite = ({ verb }: ApiRequest): boolean => ['create', 'update', 'patch', 'delete'].includes(verb);

interface Row {
  readonly name: string;
  readonly fault: Fault;
  /** Every request, the Lease's too, or writes alone. */
  readonly where?: (request: ApiRequest) => boolean;
}

const rows: readonly Row[] = [
  { name: '409 Conflict to every write', fault: refusing(409, 'Conflict'), where: isWrite },
  { name: '500', fault: refusing(500, 'InternalError') },
  { name: '504', fault: refusing(504, 'Timeout') },
  { name: '503 as a web page', fault: webPage(503) },
  { name: 'half an answer', fault: cuttingTheBody, where: ({ verb }) => verb !== 'watch' },
  { name: 'a reset', fault: failing('reset') },
  { name: 'an answer that takes 1.5 s', fault: delaying(seconds(1.5)) },
];
const lasting = 5;

describe('requests are answered for 5 s by', () => {
  test.each(rows)('$name: nothing is lost, nobody hurries, nobody lists', async ({ name, fault, where }) => {
    const changes = await prepareChanges(stage, see, namespace, name.replaceAll(/\W+/g, '-').toLowerCase());
    const record = since(stage);
    const mend = stage.api.fault(where === undefined ? {} : { where }, fault);
    await changes.make();
    await sleep(systemClock, seconds(lasting));
    mend();
    const meanwhile = record.requests().length;
    await changes.noticed(15_000);
    record.expectAlive();
    expect(record.lists()).toEqual({});
    expect(meanwhile).toBeGreaterThan(0);
    expect(meanwhile).toBeLessThan(100);
  });
});

describe('429 with Retry-After', () => {
  const wait = 4;
  /** Milliseconds between the first request of this kind and the next. */
  const pause = (requests: readonly ApiRequest[]): number => (requests[1]?.at ?? 0) - (requests[0]?.at ?? 0);
  const tooMany = refusing(429, 'TooManyRequests', { retryAfter: seconds(wait) });

  test('to a write: the next one comes after it', async () => {
    const name = 'throttled';
    const scopes = ['orders.read', 'orders.write'];
    await stage.apply(aWorkload(namespace, name, { client: { scopes } }));
    await see.until('binding', `${namespace}/${name}`, 'True');
    const record = since(stage);
    // Of this Secret: those of other bindings are renewed meanwhile.
    const write = { verb: 'update', resource: 'secrets', namespace, name: `${name}-token` } as const;
    stage.api.fault(write, tooMany, { times: 1 });
    await stage.apply([
      aBinding(namespace, name, { token: { scopes: ['orders.write'], audience: 'https://api.example' } }),
    ]);
    await see.until('binding', `${namespace}/${name}`, 'True', { within: 15_000 });
    const writes = record.requests().filter((request) => matches(request, write));
    expect(writes).toHaveLength(2);
    expect(pause(writes)).toBeGreaterThanOrEqual(wait * 1000);
    record.expectAlive();
  });

  test('to a watch and to a list: each comes again after it, once', async () => {
    const [watched, listed] = ['oauthclients', 'workloadidentitybindings'];
    const record = since(stage);
    stage.api.fault({ verb: 'watch', resource: watched }, tooMany, { times: 1 });
    stage.api.fault({ resource: listed, where: beginsList }, tooMany, { times: 1 });
    for (const watch of stage.api.watches({ resource: watched })) watch.end();
    for (const watch of stage.api.watches({ resource: listed })) watch.tell(errorEvent(410, 'Expired'));
    await sleep(systemClock, seconds(wait + 3));
    const watches = record
      .requests()
      .filter(({ verb, resource }) => verb === 'watch' && resource === watched);
    const lists = record.requests().filter((request) => beginsList(request) && request.resource === listed);
    expect([watches.length, lists.length]).toEqual([2, 2]);
    expect(pause(watches)).toBeGreaterThanOrEqual(wait * 1000);
    expect(pause(lists)).toBeGreaterThanOrEqual(wait * 1000);
  });
});

test('410 in the middle of a list in pages: it begins anew, once', async () => {
  const accounts = Array.from({ length: 600 }, (_, n) => aServiceAccount(namespace, `many-${n}`));
  await inFlight(20, accounts, (account) => stage.apply([account]));
  const changes = await prepareChanges(stage, see, namespace, 'pages');
  const record = since(stage);
  const ofAccounts = { resource: 'serviceaccounts' };
  // A server that streams lists would not page.
  stage.api.fault(
    { ...ofAccounts, where: ({ query }) => query.has('sendInitialEvents') },
    refusing(422, 'Invalid'),
  );
  stage.api.fault({ ...ofAccounts, where: ({ query }) => query.has('continue') }, refusing(410, 'Expired'), {
    times: 1,
  });
  for (const watch of stage.api.watches(ofAccounts)) watch.tell(errorEvent(410, 'Expired'));
  await changes.make();
  await changes.noticed(15_000);
  const pages = record
    .requests()
    .filter(({ verb, resource }) => verb === 'list' && resource === 'serviceaccounts');
  expect(pages.map(({ query }) => query.has('continue'))).toEqual([false, true, false, true]);
});

describe('the answer is lost after it was done', () => {
  test.each(['reset', 'fin'] as const)('of every write, once (%s): all is done once', async (how) => {
    const name = `lost-${how}`;
    const record = since(stage);
    const seen = new Set<string>();
    /** Each write the first time it comes. */
    const where = (request: ApiRequest): boolean => {
      const key = [request.verb, request.path].join(' ');
      if (!isWrite(request) || request.resource === 'leases' || seen.has(key)) return false;
      seen.add(key);
      return true;
    };
    const mend = stage.api.fault({ where }, losingTheAnswer(how));
    await stage.apply(aWorkload(namespace, name));
    await see.until('binding', `${namespace}/${name}`, 'True', { within: 40_000 });
    await see.until('client', `${namespace}/${name}`, 'True', { within: 20_000 });
    mend();
    record.expectAlive();
    const registrations = stage.proxy.requests.filter(
      ({ method, path, body }) =>
        method === 'POST' && path === '/register' && body.includes(`"${namespace}/${name}"`),
    );
    expect(registrations).toHaveLength(1);
    expect(record.requests().length).toBeLessThan(80);
  });
});
