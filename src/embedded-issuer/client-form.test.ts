import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../std/clock.ts';
import { systemRng } from '../std/rng.ts';
import { clientForm } from './client-form.ts';
import { ClientStore } from './client-store.ts';
import { openStateFile } from './state-file.ts';
import { WorkloadLogin } from './workload-login.ts';

const directory = mkdtempSync(join(tmpdir(), 'grantor-client-form-'));
const db = openStateFile(join(directory, 'state.db'));
let login: WorkloadLogin;
beforeAll(async () => {
  login = await WorkloadLogin.create({
    issuer: 'https://issuer.example',
    clusters: [],
    clients: new ClientStore(db),
    clock: systemClock,
    rng: systemRng,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
});
afterAll(async () => {
  await login.close();
  db.close();
  rmSync(directory, { recursive: true });
});

describe('a form on its way to oidc-provider', () => {
  it('stays as it is but for the token, whatever it holds', async () => {
    const pairs = fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' })));
    await fc.assert(
      fc.asyncProperty(pairs, async (fields) => {
        const sent = fields.filter(([name]) => name !== 'token');
        const form = await clientForm(Buffer.from(new URLSearchParams(sent).toString()), login);
        expect(form.ok && [...new URLSearchParams(form.value.toString())]).toEqual([
          ...new URLSearchParams(new URLSearchParams(sent).toString()),
        ]);
      }),
    );
  });

  it('never makes an exception of bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), fc.string(), async (bytes, assertion) => {
        const prefix = `client_assertion=${encodeURIComponent(assertion)}&`;
        expect((await clientForm(Buffer.concat([Buffer.from(prefix), bytes]), login)).ok).toBe(true);
      }),
    );
  });

  it('leaves a field that is there twice for oidc-provider to refuse', async () => {
    const form = await clientForm(Buffer.from('token=a&token=b'), login);
    expect(form).toMatchObject({ ok: true, value: Buffer.from('token=a&token=b') });
  });
});
