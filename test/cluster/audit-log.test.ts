import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { milliseconds } from '../../src/std/duration.ts';
import { awaitRequest, readAudit, selectEtcdWrites, selectRequests, tallyRequests } from './audit-log.ts';

let dir: string;
let file: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'grantor-audit-'));
  file = join(dir, 'audit.log');
});
afterEach(() => rmSync(dir, { recursive: true }));

let nextId = 0;
const aLine = (over: object = {}): string =>
  `${JSON.stringify({
    kind: 'Event',
    auditID: `id-${nextId++}`,
    stage: 'ResponseComplete',
    requestURI: '/api/v1/namespaces/a/secrets',
    verb: 'create',
    user: { username: 'grantor', groups: ['system:authenticated'] },
    objectRef: { resource: 'secrets', namespace: 'a', name: 'token' },
    responseStatus: { code: 201 },
    stageTimestamp: '2026-01-02T03:04:05.678901Z',
    ...over,
  })}\n`;

const aTokenRequest = (over: object = {}): string =>
  aLine({
    objectRef: { resource: 'serviceaccounts', subresource: 'token', namespace: 'a', name: 'sa' },
    ...over,
  });

describe('readAudit', () => {
  it('reads on where the last reading ended', () => {
    writeFileSync(file, aLine());
    const first = readAudit(file);
    expect(first.events).toHaveLength(1);
    expect(readAudit(file, first.offset).events).toEqual([]);

    appendFileSync(file, aLine({ verb: 'delete' }));
    expect(readAudit(file, first.offset).events.map(({ verb }) => verb)).toEqual(['delete']);
  });

  it('leaves a line that is still being written for the next reading', () => {
    const line = aLine();
    writeFileSync(file, aLine() + line.slice(0, 50));
    const first = readAudit(file);
    expect(first.events).toHaveLength(1);

    appendFileSync(file, line.slice(50));
    expect(readAudit(file, first.offset).events).toHaveLength(1);
  });

  it('sees every event exactly once, wherever the writer is interrupted', () => {
    const whole = Buffer.from([aLine({ user: { username: 'zoë' } }), aTokenRequest(), aLine()].join(''));
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length)), (cuts) => {
        writeFileSync(file, '');
        const seen: string[] = [];
        let written = 0;
        let offset = 0;
        for (const cut of [...cuts.sort((a, b) => a - b), whole.length]) {
          appendFileSync(file, whole.subarray(written, cut));
          written = cut;
          const reading = readAudit(file, offset);
          offset = reading.offset;
          seen.push(...reading.events.map(({ id }) => id));
        }
        expect(seen).toEqual(readAudit(file).events.map(({ id }) => id));
        expect(seen).toHaveLength(3);
      }),
      { numRuns: 50 },
    );
  });

  it('reads logs that are larger than its buffer', () => {
    writeFileSync(file, aLine().repeat(5000));
    expect(readAudit(file).events).toHaveLength(5000);
  });

  it.each([
    ['text', 'E1124 panic\n'],
    ['JSON of another shape', '{"kind":"Event"}\n'],
  ])('refuses %s instead of counting without it', (_what, line) => {
    writeFileSync(file, aLine() + line);
    expect(() => readAudit(file)).toThrow(/no audit event/);
  });
});

describe('selectRequests', () => {
  it('counts a watch once, though it is logged when it begins and when it ends', () => {
    const watch = { auditID: 'watch', verb: 'watch' };
    writeFileSync(file, aLine({ ...watch, stage: 'ResponseStarted' }) + aLine(watch));
    expect(selectRequests(readAudit(file).events, { verb: 'watch' })).toMatchObject([
      { id: 'watch', complete: true },
    ]);
  });

  it('tells a resource from its subresource', () => {
    writeFileSync(file, aTokenRequest() + aLine({ objectRef: { resource: 'serviceaccounts' } }));
    const { events } = readAudit(file);
    expect(selectRequests(events, { resource: 'serviceaccounts' })).toHaveLength(2);
    expect(selectRequests(events, { resource: 'serviceaccounts', subresource: '' })).toHaveLength(1);
  });

  it('tallies by verb and target', () => {
    const jwks = { verb: 'get', requestURI: '/openid/v1/jwks', objectRef: undefined };
    writeFileSync(
      file,
      aTokenRequest() + aTokenRequest() + aLine() + aLine(jwks) + aLine({ user: { username: 'else' } }),
    );
    expect(tallyRequests(readAudit(file).events, { user: 'grantor' })).toEqual({
      'create serviceaccounts/token': 2,
      'create secrets': 1,
      'get /openid/v1/jwks': 1,
    });
  });
});

describe('selectEtcdWrites', () => {
  it.each([
    ['an accepted write', aLine(), 1],
    [
      'a write of a status',
      aLine({ verb: 'patch', objectRef: { resource: 'things', subresource: 'status' } }),
      1,
    ],
    ['a TokenRequest', aTokenRequest(), 0],
    ['a review', aLine({ objectRef: { resource: 'tokenreviews' } }), 0],
    ['a refused write', aLine({ responseStatus: { code: 409 } }), 0],
    ['a read', aLine({ verb: 'get' }), 0],
    ['a dry run', aLine({ requestURI: '/api/v1/namespaces/a/secrets?fieldManager=x&dryRun=All' }), 0],
  ])('counts %s as it reached etcd', (_what, line, writes) => {
    writeFileSync(file, line);
    expect(selectEtcdWrites(readAudit(file).events)).toHaveLength(writes);
  });
});

describe('awaitRequest', () => {
  it('waits for a request that is logged late', async () => {
    writeFileSync(file, aLine());
    const reading = awaitRequest(file, { verb: 'delete' });
    appendFileSync(file, aLine({ verb: 'delete' }));
    expect((await reading).events).toHaveLength(2);
  });

  it('says what it saw instead when the request never comes', async () => {
    writeFileSync(file, aTokenRequest());
    await expect(awaitRequest(file, { verb: 'delete' }, { within: milliseconds(60) })).rejects.toThrow(
      'seen: {"create serviceaccounts/token":1}',
    );
  });
});
