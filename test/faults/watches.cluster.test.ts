import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { sleep, systemClock } from '../../src/std/clock.ts';
import { seconds } from '../../src/std/duration.ts';
import { look } from '../e2e/look.ts';
import { anIssuer, aTenant } from '../e2e/objects.ts';
import { type ApiRequest, beginsList } from '../stage/api-proxy/api-request.ts';
import { answering, refusing } from '../stage/api-proxy/fault.ts';
import type { Rewrite } from '../stage/api-proxy/open-watch.ts';
import {
  cuttingInTheLine,
  errorEvent,
  eventOf,
  replaying,
  swapping,
  twice,
} from '../stage/api-proxy/rewrites.ts';
import { prepareChanges } from './changes.ts';
import { type Since, since } from './record.ts';
import { useFaultStage } from './use-fault-stage.ts';

const stage = useFaultStage();
const see = look(stage);
const namespace = 'watches';
/** The kinds that the changes of each test are of: their watches have something to lose. */
const changing = ['serviceaccounts', 'oauthclients', 'workloadidentitybindings'];

beforeAll(() => stage.apply([anIssuer({ url: stage.issuerURL }), ...aTenant(namespace)]));

const watches = () => stage.api.watches({ where: ({ resource }) => changing.includes(resource) });
const tell = (text: string) => (): void => {
  for (const watch of watches()) watch.tell(text);
};
const rewrite = (change: Rewrite, times?: number) => (): void => {
  for (const resource of changing)
    stage.api.rewrite({ resource }, change, times === undefined ? {} : { times });
};
const reopenWith = (code: number, reason: string) => (): void => {
  for (const resource of changing)
    stage.api.fault({ verb: 'watch', resource }, refusing(code, reason), { times: 1 });
  for (const watch of watches()) watch.end();
};
/** In pieces: nobody has to hold what the controller does not read. */
const hundredMegabytes: Rewrite = () => Array.from({ length: 100 }, () => 'x'.repeat(1_000_000));

interface Row {
  readonly name: string;
  readonly spoil: () => void;
  /** What each reflector does about it. */
  readonly reaction: 'lists' | 'opens another' | 'goes on';
}

const rows: readonly Row[] = [
  { name: 'an ERROR event with 410', spoil: tell(errorEvent(410, 'Expired')), reaction: 'lists' },
  {
    name: 'an ERROR event with 500',
    spoil: tell(errorEvent(500, 'InternalError')),
    reaction: 'opens another',
  },
  { name: 'an ERROR event with 504', spoil: tell(errorEvent(504, 'Timeout')), reaction: 'opens another' },
  {
    name: 'an ERROR event that holds nothing',
    spoil: tell(eventOf('ERROR', null)),
    reaction: 'opens another',
  },
  { name: '410 when they are opened again', spoil: reopenWith(410, 'Expired'), reaction: 'lists' },
  {
    name: '500 when they are opened again',
    spoil: reopenWith(500, 'InternalError'),
    reaction: 'opens another',
  },
  { name: '504 when they are opened again', spoil: reopenWith(504, 'Timeout'), reaction: 'opens another' },
  { name: 'a line that is not JSON', spoil: tell('{"type":"ADDED","obj\n'), reaction: 'opens another' },
  { name: 'an event of an unknown type', spoil: tell(eventOf('RENAMED', {})), reaction: 'opens another' },
  {
    name: 'an object without metadata',
    spoil: tell(eventOf('ADDED', { kind: 'Secret' })),
    reaction: 'opens another',
  },
  {
    name: 'a bookmark without a version',
    spoil: tell(eventOf('BOOKMARK', { metadata: {} })),
    reaction: 'opens another',
  },
  { name: 'a line of 100 MB', spoil: rewrite(hundredMegabytes, 1), reaction: 'opens another' },
  {
    name: 'an end in the middle of an event',
    spoil: rewrite(cuttingInTheLine('fin'), 1),
    reaction: 'opens another',
  },
  {
    name: 'a reset in the middle of an event',
    spoil: rewrite(cuttingInTheLine('reset'), 1),
    reaction: 'opens another',
  },
  { name: 'each event twice', spoil: rewrite(twice), reaction: 'goes on' },
  { name: 'all earlier events after each one', spoil: rewrite(replaying), reaction: 'goes on' },
];

const times = (count: number) => Object.fromEntries(changing.map((resource) => [resource, count]));
/** How often a list of each of the kinds, or a watch that goes on from somewhere, was begun. */
const begun = (record: Since, what: 'list' | 'watch') =>
  Object.fromEntries(
    changing.map((resource) => {
      const requests = record.requests().filter((request) => request.resource === resource);
      const lists = requests.filter(beginsList).length;
      return [
        resource,
        what === 'list' ? lists : requests.filter((one) => one.verb === 'watch' && !beginsList(one)).length,
      ];
    }),
  );

/** The most memory that the controller ever had, in MiB. */
const peakMemory = (): number => {
  const status = readFileSync(`/proc/${stage.controller.program.pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
};

describe('watches that tell', () => {
  test.each(rows)(
    '$name: nothing is lost, and each reflector $reaction',
    async ({ name, spoil, reaction }) => {
      const changes = await prepareChanges(stage, see, namespace, name.replaceAll(/\W+/g, '-').toLowerCase());
      await vi.waitFor(() => expect(watches()).toHaveLength(changing.length), { timeout: 5000 });
      const record = since(stage);
      const memory = peakMemory();
      spoil();
      await changes.make();
      await changes.noticed();
      if (reaction === 'goes on') {
        // And nothing undoes it.
        await sleep(systemClock, seconds(3));
        await changes.noticed();
      }
      record.expectAlive();
      expect(begun(record, 'list')).toEqual(times(reaction === 'lists' ? 1 : 0));
      if (reaction === 'goes on') expect(begun(record, 'watch')).toEqual(times(0));
      if (reaction === 'opens another')
        expect(Math.min(...Object.values(begun(record, 'watch')))).toBeGreaterThan(0);
      // The changes are a dozen requests, and each reflector opens its watch once or twice again.
      expect(record.requests().length).toBeLessThan(60);
      expect(peakMemory() - memory, 'MiB').toBeLessThan(64);
    },
  );

  test('nothing but nonsense, once: nothing is lost, since each reflector lists, once', async () => {
    const changes = await prepareChanges(stage, see, namespace, 'nonsense');
    const record = since(stage);
    const nonsense = answering(200, '{"type":"ADDED","object":{}}\n', { 'content-type': 'application/json' });
    for (const resource of changing) {
      const where = (request: ApiRequest): boolean => !beginsList(request);
      stage.api.fault({ verb: 'watch', resource, where }, nonsense, { times: 1 });
    }
    for (const watch of watches()) watch.end();
    await changes.make();
    await changes.noticed(20_000);
    record.expectAlive();
    expect(begun(record, 'list')).toEqual(times(1));
    expect(record.requests().length).toBeLessThan(60);
  });

  // No API server does this. Told apart from an old event, which must not undo a younger one, it could only be by a list.
  test('two events in the wrong order: the younger counts, and the next list brings the other', async () => {
    const changes = await prepareChanges(stage, see, namespace, 'swapped');
    const record = since(stage);
    for (const resource of changing) stage.api.rewrite({ resource }, swapping());
    await changes.make();
    await sleep(systemClock, seconds(2));
    await stage.api.mend();
    tell(errorEvent(410, 'Expired'))();
    await changes.noticed(15_000);
    record.expectAlive();
  });
});
