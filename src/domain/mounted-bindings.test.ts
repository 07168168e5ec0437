import { describe, expect, it } from 'vitest';
import type { Json } from '../std/canonical-json.ts';
import { mountedBindings } from './mounted-bindings.ts';

const accounts = new Map([
  ['billing-api', 'billing'],
  ['billing-batch', 'billing'],
  ['cart', 'cart'],
]);
const of = (binding: Json, driver = 'csi.grantor.dev'): Json => ({
  name: 'v',
  csi: { driver, volumeAttributes: { binding } },
});
const mounted = (volumes: Json, phase = 'Running'): string[] => [
  ...mountedBindings(
    {
      metadata: { name: 'p' },
      spec: { serviceAccountName: 'billing', volumes },
      status: { phase },
    },
    accounts,
  ),
];

describe('a pod holds', () => {
  it('the bindings that it mounts, each once', () => {
    expect(mounted([of('billing-api'), of('billing-api'), of('billing-batch')])).toEqual([
      'billing-api',
      'billing-batch',
    ]);
  });

  it('what it is still waiting for', () => {
    expect(mounted([of('billing-api')], 'Pending')).toEqual(['billing-api']);
  });

  it.each<[string, Json]>([
    ['that are for another ServiceAccount', [of('cart')]],
    ['that are not there', [of('nobody')]],
    ['of another driver', [of('billing-api', 'csi.example.com')]],
    ['whose name is none', [of(7)]],
    ['in volumes of other kinds', [{ name: 'v', emptyDir: {} }]],
    ['in what is no list', { a: 1 }],
  ])('no bindings %s', (_, volumes) => {
    expect(mounted(volumes)).toEqual([]);
  });

  it.each(['Succeeded', 'Failed'])('nothing any more once it has %s', (phase) => {
    expect(mounted([of('billing-api')], phase)).toEqual([]);
  });
});
