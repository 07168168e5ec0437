import { describe, expect, test } from 'vitest';
import type { IssuerDriver } from '../../src/ports/issuer-driver.ts';
import type { IssuerFailure } from '../../src/ports/issuer-failure.ts';
import type { Result } from '../../src/std/result.ts';
import { Secret } from '../../src/std/secret.ts';
import { aCall, aDrivenQuirkyIssuer, aGrant } from '../fakes/driven-quirky-issuer.ts';
import * as quirky from '../fakes/quirky-issuer.ts';
import { aClient } from './issuer-driver/data.ts';

const { issuer, aDriver } = await aDrivenQuirkyIssuer();
const client = aClient({ roles: [], authentication: { method: 'Secret', secrets: [] } });
const registration = {
  clientID: 'client-1',
  registrationClientURI: `${issuer.identifier}${quirky.registrationPath}/client-1`,
  registrationAccessToken: new Secret('rat-1'),
};

const operations: Readonly<
  Record<string, readonly [string, (driver: IssuerDriver) => Promise<Result<unknown, IssuerFailure>>]>
> = {
  register: [quirky.registrationPath, (driver) => driver.register(client, aCall())],
  update: [`${quirky.registrationPath}/client-1`, (driver) => driver.update(registration, client, aCall())],
  compare: [`${quirky.registrationPath}/client-1`, (driver) => driver.compare(registration, client, aCall())],
  deregister: [
    `${quirky.registrationPath}/client-1`,
    (driver) => driver.deregister(registration, client.mark, aCall()),
  ],
  requestToken: [quirky.tokenPath, (driver) => driver.requestToken(aGrant(), aCall())],
  revoke: [quirky.revocationPath, (driver) => driver.revoke(new Secret('a.b.c'), aGrant(), aCall())],
};

describe('an issuer that answers an error with the status of a success', () => {
  test.each(Object.entries(operations))('has not done it: %s', async (_, [path, attempt]) => {
    issuer.quirk(path, quirky.answer(200, { error: 'access_denied', error_description: 'not today' }));
    expect(await attempt(aDriver())).toMatchObject({ ok: false });
  });
});
