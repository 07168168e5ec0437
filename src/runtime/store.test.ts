import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isOlder } from './resource-version.ts';
import { type Change, createStore, keyOf, type StoreRecord, splitKey } from './store.ts';

interface Item extends StoreRecord {
  readonly colors: readonly string[];
}
const item = (name: string, version: number, uid = `uid-${name}`, ...colors: string[]): Item => ({
  namespace: 'n',
  name,
  uid,
  resourceVersion: String(version),
  colors,
});

function setUp() {
  const changes: string[] = [];
  const show = (record: Item | undefined): string => record?.resourceVersion ?? '-';
  const store = createStore<Item, 'color'>({ color: ({ colors }) => colors }, (change: Change<Item>) => {
    changes.push(`${change.key} ${show(change.previous)}>${show(change.current)}`);
  });
  const replaceAll = (listed: readonly Item[], version: string): void => {
    for (const _ of store.replaceAll(mapOf(listed), version));
  };
  return { store, changes, replaceAll };
}
const mapOf = (items: readonly Item[]): Map<string, Item> =>
  new Map(items.map((record) => [keyOf('n', record.name), record]));

describe('resource versions', () => {
  test.each([
    ['9', '10', true],
    ['10', '9', false],
    ['10', '10', false],
    ['9007199254740993', '9007199254740994', true],
    ['0a', '1', undefined],
    ['01', '2', undefined],
    ['', '2', undefined],
  ])('%s is older than %s: %s', (a, b, expected) => {
    expect(isOlder(a, b)).toBe(expected);
  });
  test('compare as integers do', () => {
    const version = fc.bigInt({ min: 0n, max: 2n ** 80n });
    fc.assert(fc.property(version, version, (a, b) => isOlder(String(a), String(b)) === a < b));
  });
});

test('a key can be taken apart again', () => {
  expect(splitKey(keyOf('n', 'a'))).toEqual({ namespace: 'n', name: 'a' });
  expect(splitKey(keyOf('', 'a'))).toEqual({ namespace: '', name: 'a' });
});

describe('a store', () => {
  test('never goes back to an older version, and says nothing twice', () => {
    const { store, changes } = setUp();
    store.upsert(item('a', 5));
    store.upsert(item('a', 4));
    store.upsert(item('a', 5));
    store.upsert(item('a', 10));
    expect(changes).toEqual(['n/a ->5', 'n/a 5>10']);
    expect(Object.isFrozen(store.get('n/a'))).toBe(true);
  });

  test('takes what a restored server lists for the truth, whatever was written there and deleted since its backup', () => {
    const { store, changes, replaceAll } = setUp();
    replaceAll([item('a', 5)], '50');
    store.observe(item('new', 51));
    store.forget('n/a', 'uid-a');
    replaceAll([item('a', 5)], '40');
    expect(changes).toEqual(['n/a ->5', 'n/new ->51', 'n/a 5>-', 'n/new 51>-', 'n/a ->5']);
  });

  test('does not bring back what was deleted while the answer to our write was on its way', () => {
    const { store, changes } = setUp();
    store.upsert(item('a', 5));
    store.remove('n/a', 'uid-a', '12');
    store.observe(item('a', 11));
    expect(changes).toEqual(['n/a ->5', 'n/a 5>-']);
    store.observe(item('a', 13, 'uid-successor'));
    expect(store.get('n/a')?.uid).toBe('uid-successor');
  });

  test('shows a write of our own at once, and the watch that lags changes nothing', () => {
    const { store, changes } = setUp();
    store.upsert(item('a', 5));
    store.observe(item('a', 8));
    store.upsert(item('a', 7));
    store.upsert(item('a', 8));
    expect(store.get('n/a')?.resourceVersion).toBe('8');
    expect(changes).toEqual(['n/a ->5', 'n/a 5>8']);
  });

  test('keeps the successor when the deletion of its predecessor comes late', () => {
    const { store } = setUp();
    store.upsert(item('a', 5, 'old'));
    store.observe(item('a', 8, 'new'));
    store.remove('n/a', 'old', '7');
    expect(store.get('n/a')?.uid).toBe('new');
    store.remove('n/a', 'new', '9');
    expect(store.get('n/a')).toBeUndefined();
  });

  test('does not bring back what we deleted, until another of its name comes', () => {
    const { store, replaceAll } = setUp();
    store.upsert(item('a', 5, 'old'));
    store.forget('n/a', 'old');
    store.upsert(item('a', 6, 'old'));
    replaceAll([item('a', 6, 'old')], '6');
    expect(store.get('n/a')).toBeUndefined();
    store.upsert(item('a', 9, 'new'));
    expect(store.get('n/a')?.uid).toBe('new');
  });

  test('after a list holds what the list says, but for younger writes of our own', () => {
    const { store, changes, replaceAll } = setUp();
    for (const name of ['gone', 'same', 'changed']) store.upsert(item(name, 5));
    store.observe(item('written', 20));
    store.observe(item('changed', 21));
    changes.length = 0;
    const listed = [item('same', 5), item('changed', 9), item('new', 8)];
    replaceAll(listed, '10');
    expect(changes).toEqual(['n/gone 5>-', 'n/new ->8']);
    expect([...store.list()].map(({ name }) => name).sort()).toEqual(['changed', 'new', 'same', 'written']);
  });

  test('takes a list in step by step, and what we write and delete meanwhile counts', () => {
    const { store } = setUp();
    for (const name of ['a', 'b']) store.upsert(item(name, 5));
    const listed = mapOf([item('a', 9), item('b', 9), item('c', 9)]);
    const steps = store.replaceAll(listed, '10');
    steps.next();
    expect([...store.list()].map(({ resourceVersion }) => resourceVersion)).toEqual(['9', '5']);
    store.forget('n/a', 'uid-a');
    store.observe(item('b', 11));
    store.observe(item('c', 12));
    steps.next();
    for (const _ of steps);
    expect([...store.list()].map(({ name, resourceVersion }) => name + resourceVersion)).toEqual([
      'b11',
      'c12',
    ]);
  });

  test('believes a server that counts from an older number again', () => {
    const { store, replaceAll } = setUp();
    store.upsert(item('a', 500));
    replaceAll([item('a', 20)], '30');
    store.upsert(item('a', 31));
    expect(store.get('n/a')?.resourceVersion).toBe('31');
  });

  test('its indexes say what a search of all records would say', () => {
    const color = fc.constantFrom('red', 'green', 'blue');
    const write = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.array(color), fc.boolean());
    fc.assert(
      fc.property(fc.array(write), (writes) => {
        const { store } = setUp();
        writes.forEach(([name, colors, isRemoval], i) => {
          if (isRemoval) store.remove(`n/${name}`, `uid-${name}`, String(i + 1));
          else store.upsert(item(name, i + 1, `uid-${name}`, ...colors));
        });
        for (const value of ['red', 'green', 'blue']) {
          const found = store.byIndex('color', value).map(({ name }) => name);
          const searched = [...store.list()]
            .filter(({ colors }) => colors.includes(value))
            .map(({ name }) => name);
          expect(found.sort()).toEqual(searched.sort());
        }
      }),
    );
  });
});
