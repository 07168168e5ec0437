import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { instantOf } from '../std/instant.ts';
import { decodeVolumeState, encodeVolumeState } from './volume-state.ts';
import type { VolumeState } from './volume-store.ts';

const text = fc.string({ minLength: 1, maxLength: 20 });
const instant = fc.nat().map(instantOf);
const anyState: fc.Arbitrary<VolumeState> = fc.record(
  {
    volumeID: text,
    targetPath: text,
    pod: fc.record({ namespace: text, name: text, uid: text, serviceAccountName: text }),
    binding: text,
    access: fc.record({ mode: fc.nat(0o777), group: fc.option(fc.nat(), { nil: undefined }) }),
    published: fc.boolean(),
    delivered: fc.record({
      issuedAt: instant,
      expiresAt: instant,
      generation: fc.integer({ min: 1 }),
      bindingUID: text,
      grantHash: text,
      issuer: text,
      clientID: text,
      tenantID: text,
    }),
  },
  { requiredKeys: ['volumeID', 'targetPath', 'pod', 'binding', 'access', 'published'] },
);

test('any state comes back as it was kept', () => {
  fc.assert(
    fc.property(anyState, (state) => {
      expect(decodeVolumeState(encodeVolumeState(state))).toEqual({ ok: true, value: state });
    }),
  );
});

const state: VolumeState = {
  volumeID: 'csi-1',
  targetPath: '/t',
  pod: { namespace: 'shop', name: 'web', uid: 'u', serviceAccountName: 'web' },
  binding: 'api',
  access: { mode: 0o444, group: undefined },
  published: true,
};
const good = JSON.parse(encodeVolumeState(state));

test('what a later plug-in adds is overlooked by an earlier one', () => {
  const later = { ...good, color: 'red', pod: { ...good.pod, nodeName: 'n' } };
  expect(decodeVolumeState(JSON.stringify(later))).toEqual({ ok: true, value: state });
});

test('what is no state is refused in a sentence', () => {
  const refusals = [
    '',
    '{"version":',
    'null',
    JSON.stringify({ ...good, version: 2 }),
    JSON.stringify({ ...good, pod: { ...good.pod, uid: 7 } }),
    JSON.stringify({ ...good, access: { mode: 0o7777 } }),
  ].map((json) => decodeVolumeState(json));
  expect(refusals.map((result) => (result.ok ? 'ok' : result.error))).toEqual([
    'the state is no JSON',
    'the state is no JSON',
    'the state has a wrong shape',
    'the state has a wrong version',
    'the state has a wrong pod.uid',
    'the state has a wrong access.mode',
  ]);
});

test('no text at all makes the decoder throw', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), (json) => {
      decodeVolumeState(json);
    }),
  );
});
