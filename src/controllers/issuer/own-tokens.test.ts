import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakes/fake-clock.ts';
import { aServiceAccountToken } from '../../../test/fakes/fake-issuer-driver.ts';
import type { Json } from '../../std/canonical-json.ts';
import { minutes } from '../../std/duration.ts';
import type { Secret } from '../../std/secret.ts';
import { OwnTokens } from './own-tokens.ts';

const controller = {
  issuer: 'https://cluster',
  subject: 'system:serviceaccount:grantor-system:grantor-controller',
  uid: 'uid-1',
};
const login = 'https://login.example';

let folder: string;
let clock: FakeClock;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grantor-own-tokens-'));
  clock = new FakeClock();
});
afterEach(() => rmSync(folder, { recursive: true }));

const aToken = (aud: Json, life: number = minutes(60)): Secret =>
  aServiceAccountToken(controller, { aud, exp: (clock.now() + life) / 1000 });
const put = (name: string, token: Secret | string): void =>
  writeFileSync(join(folder, name), typeof token === 'string' ? token : `${token.reveal()}\n`);
const assertion = async (audience: string) => new OwnTokens(folder, clock).assertion(audience);
const isIt = async (audience: string, token: Secret): Promise<boolean> => {
  const answer = await assertion(audience);
  return answer.ok && answer.value.equals(token);
};

describe('tokens of its own in a folder', () => {
  it('are told apart by their audience, not by the names of their files', async () => {
    const [one, other] = [aToken([login]), aToken('https://other.example')];
    put('0', other);
    put('1', one);
    expect(await isIt(login, one)).toBe(true);
    expect(await isIt('https://other.example', other)).toBe(true);
  });

  it('are read again each time, so that a renewed one is used at once', async () => {
    const tokens = new OwnTokens(folder, clock);
    put('login', aToken([login]));
    expect(await tokens.assertion(login)).toMatchObject({ ok: true });
    const renewed = aToken([login], minutes(90));
    put('login', renewed);
    const answer = await tokens.assertion(login);
    expect(answer.ok && answer.value.equals(renewed)).toBe(true);
  });

  it('are found as the kubelet lays them down: in a hidden folder, with links to its files', async () => {
    const token = aToken([login]);
    mkdirSync(join(folder, '..2026_01_02'));
    put('..2026_01_02/login', token);
    symlinkSync('..2026_01_02', join(folder, '..data'));
    symlinkSync('..data/login', join(folder, 'login'));
    expect(await isIt(login, token)).toBe(true);
  });

  it('of two for one audience, the one that lives longer is taken', async () => {
    const longer = aToken([login], minutes(50));
    put('0', aToken([login], minutes(10)));
    put('1', longer);
    put('2', aToken([login], minutes(40)));
    expect(await isIt(login, longer)).toBe(true);
  });

  it.each<[string, () => void, string, string]>([
    ['no file', () => {}, 'is for https://login.example: add it', 'slow'],
    ['one for somebody else', () => put('0', aToken(['https://other.example'])), 'add it', 'slow'],
    ['one for two', () => put('0', aToken([login, 'https://other.example'])), 'add it', 'slow'],
    ['noise', () => put('0', 'noise'), 'add it', 'slow'],
    ['a JWT of nothing', () => put('0', 'e30.bnVsbA.x'), 'add it', 'slow'],
    ['one that has ended', () => put('0', aToken([login], 0)), 'has expired and was not renewed', 'soon'],
    ['a folder that is gone', () => rmSync(folder, { recursive: true }), 'cannot be read: ENOENT', 'soon'],
  ])('with %s there is none, and it is said why', async (_, arrange, said, retry) => {
    arrange();
    expect(await assertion(login)).toMatchObject({
      ok: false,
      error: { reason: 'TokenRequestFailed', message: expect.stringContaining(said), retry },
    });
    mkdirSync(folder, { recursive: true });
  });
});
