import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AdapterPayload, KoaContextWithOIDC } from 'oidc-provider';
import { afterAll, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakes/fake-clock.ts';
import { ArtifactStore } from './artifact-store.ts';
import { clientRules } from './client-rules.ts';
import { ClientStore } from './client-store.ts';
import { inTurn } from './in-turn.ts';
import { openStateFile } from './state-file.ts';
import { storageAdapter } from './storage-adapter.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantor-storage-'));
const db = openStateFile(join(directory, 'state.db'));
const clients = new ClientStore(db);
const artifacts = new ArtifactStore(db, new FakeClock());
const adapter = storageAdapter({ clients, artifacts, accessTokens: {} as never });
afterAll(() => {
  db.close();
  rmSync(directory, { recursive: true });
});

describe('the storage of oidc-provider', () => {
  it('takes the mark of an assertion once, also from two that found none', async () => {
    const marks = adapter('ReplayDetection');
    const mark: AdapterPayload = { kind: 'ReplayDetection' };
    await marks.upsert('jti', mark, 60);
    await expect(marks.upsert('jti', mark, 60)).rejects.toMatchObject({ error: 'invalid_client' });
  });

  it('lets go of what managed a client together with the client', async () => {
    clients.save({ client_id: 'managed' });
    await adapter('RegistrationAccessToken').upsert('token', { clientId: 'managed' });
    expect(await adapter('RegistrationAccessToken').find('token')).toBeDefined();
    await adapter('Client').destroy('managed');
    expect(await adapter('RegistrationAccessToken').find('token')).toBeUndefined();
  });

  it('knows no more of oidc-provider than client credentials need', async () => {
    await expect(adapter('Session').findByUid('x')).rejects.toThrow('keeps no such thing');
  });
});

describe('registering again', () => {
  it('does not change when the client was first registered', () => {
    clients.save({ client_id: 'known', software_id: 'mark', client_id_issued_at: 1 });
    const rules = clientRules({
      clients,
      login: { trusts: () => false, trustedIssuers: [], publicKey: { kty: 'EC' } },
    });
    const metadata = { client_id: 'known', software_id: 'mark', client_id_issued_at: 2 };
    rules({} as KoaContextWithOIDC, 'grantor', undefined, metadata);
    expect(metadata.client_id_issued_at).toBe(1);
  });
});

describe('work in turn', () => {
  it('begins when the work before has ended, well or not', async () => {
    const turn = inTurn();
    const events: string[] = [];
    const work = (name: string, fails = false) =>
      turn(async () => {
        events.push(`${name} begins`);
        await new Promise(setImmediate);
        events.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const results = await Promise.allSettled([work('a', true), work('b'), work('c')]);
    expect(events).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
  });
});
