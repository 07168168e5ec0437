import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { collect } from '../../test/fakes/collect.ts';
import { parseWatchLine, watchEvents } from './watch-stream.ts';

const object = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a', namespace: 'n', uid: 'u', resourceVersion: '7' },
};
const added = JSON.stringify({ type: 'ADDED', object });

async function* bytes(...parts: readonly (string | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    if (part instanceof Error) throw part;
    yield new TextEncoder().encode(part);
  }
}
const eventsOf = async (parts: readonly (string | Error)[], limit = 1000): Promise<unknown[]> => {
  const broke = (cause: unknown) => ({ kind: 'unavailable' as const, message: `broke: ${String(cause)}` });
  const events = await collect(watchEvents('watch /x', bytes(...parts), broke, limit));
  return events.map((event) => (event.ok ? event.value.type : event.error.message));
};

describe('a watch line', () => {
  test.each([
    ['an object that was added', added, { ok: true, value: { type: 'ADDED', object } }],
    [
      'a bookmark',
      '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9"}}}',
      { ok: true, value: { type: 'BOOKMARK', resourceVersion: '9', initialEventsEnd: false } },
    ],
    [
      'the bookmark at the end of a streaming list',
      '{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"9","annotations":{"k8s.io/initial-events-end":"true"}}}}',
      { ok: true, value: { type: 'BOOKMARK', resourceVersion: '9', initialEventsEnd: true } },
    ],
    [
      'an error event that says the version is too old',
      '{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}',
      {
        ok: false,
        error: { kind: 'gone', status: 410, reason: 'Expired', message: 'too old resource version' },
      },
    ],
    [
      'an error event with an empty body',
      '{"type":"ERROR","object":null}',
      { ok: false, error: { kind: 'unavailable' } },
    ],
    ['an object without identity', '{"type":"ADDED","object":{"metadata":{"name":"a"}}}', { ok: false }],
    ['an unknown type', '{"type":"RENAMED","object":{}}', { ok: false }],
    [
      'half a line',
      added.slice(0, 30),
      { ok: false, error: { message: expect.stringContaining('not JSON') } },
    ],
    ['null', 'null', { ok: false }],
  ])('%s', (_, line, expected) => {
    expect(parseWatchLine('watch /x', line)).toMatchObject(expected);
  });

  test('never throws, and quotes nothing of what it could not read', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        const result = parseWatchLine('watch /x', line);
        expect(result.ok || !result.error.message.includes('SECRET')).toBe(true);
      }),
    );
    expect(JSON.stringify(parseWatchLine('watch /x', '{"SECRET'))).not.toContain('SECRET');
  });
});

describe('a watch stream', () => {
  test('ends without a word when the server ends it', async () => {
    expect(await eventsOf([`${added}\n${added}`, '\n\n'])).toEqual(['ADDED', 'ADDED']);
  });
  test('ends after the first failure', async () => {
    expect(await eventsOf([`nonsense\n${added}\n`])).toEqual([
      'watch /x: the watch makes no sense: a line is not JSON',
    ]);
  });
  test('says that its last line is cut off', async () => {
    expect(await eventsOf([`${added}\n`, added.slice(0, 9)])).toEqual([
      'ADDED',
      expect.stringContaining('cut off'),
    ]);
  });
  test('does not keep a line that is too long', async () => {
    expect(await eventsOf(['x'.repeat(600), 'x'.repeat(600)])).toEqual([
      expect.stringContaining('line too long'),
    ]);
  });
  test('turns a broken connection into a failure', async () => {
    expect(await eventsOf([`${added}\n`, new Error('reset')])).toEqual(['ADDED', 'broke: Error: reset']);
  });
});
