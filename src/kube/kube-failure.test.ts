import { describe, expect, test } from 'vitest';
import { seconds } from '../std/duration.ts';
import { failureFromAnswer } from './kube-failure.ts';

const status = (code: number, reason: string, more: object = {}): object => ({
  kind: 'Status',
  code,
  reason,
  message: `because ${reason}`,
  ...more,
});

describe('what the API server refused', () => {
  test.each([
    [404, 'NotFound', 'notFound'],
    [409, 'AlreadyExists', 'alreadyExists'],
    [409, 'Conflict', 'conflict'],
    [422, 'Invalid', 'invalid'],
    [400, 'BadRequest', 'invalid'],
    [403, 'Forbidden', 'forbidden'],
    [401, 'Unauthorized', 'unauthorized'],
    [410, 'Expired', 'gone'],
    [400, 'Expired', 'gone'],
    [413, 'RequestEntityTooLarge', 'tooLarge'],
    [429, 'TooManyRequests', 'throttled'],
    [500, 'InternalError', 'unavailable'],
    [504, 'Timeout', 'unavailable'],
  ])('%i %s is %s', (code, reason, kind) => {
    expect(failureFromAnswer('GET /x', code, status(code, reason))).toEqual({
      kind,
      status: code,
      reason,
      message: `because ${reason}`,
    });
  });

  test('keeps the cause that says more than the reason', () => {
    const details = { causes: [{ reason: 'NamespaceTerminating' }] };
    expect(failureFromAnswer('POST /x', 403, status(403, 'Forbidden', { details }))).toMatchObject({
      kind: 'forbidden',
      reason: 'NamespaceTerminating',
    });
  });

  test('waits as long as the body says, or else the header', () => {
    const body = status(429, 'TooManyRequests', { details: { retryAfterSeconds: 3 } });
    expect(failureFromAnswer('GET /x', 429, body, seconds(1)).retryAfter).toBe(3000);
    expect(failureFromAnswer('GET /x', 429, undefined, seconds(1)).retryAfter).toBe(1000);
  });

  test.each([['<html>'], [undefined], [null], [[]], [{ kind: 'Status' }], [{ kind: 'Pod', message: 'x' }]])(
    'makes something of a body that is no Status: %j',
    (body) => {
      expect(failureFromAnswer('GET /x', 502, body)).toEqual({
        kind: 'unavailable',
        status: 502,
        message: 'GET /x: the API server answered 502',
      });
    },
  );

  test('does not repeat what the server quotes of a body it could not read, and stays short', () => {
    const message = 'json: bad Secret, error found in #10 byte of ...|en":"c2VjcmV0|..., bigger context ...|';
    expect(failureFromAnswer('PUT /x', 400, { kind: 'Status', message }).message).toBe('json: bad Secret');
    expect(
      failureFromAnswer('PUT /x', 400, { kind: 'Status', message: 'x'.repeat(9999) }).message,
    ).toHaveLength(500);
  });
});
