import { describe, expect, test } from 'vitest';
import type { ManagedFields } from '../kube/objects.ts';
import { isTampered } from './other-hands.ts';

const wrote = (manager: string, ...keys: string[]): ManagedFields => ({
  manager,
  fieldsV1: { 'f:data': Object.fromEntries(['.', ...keys.map((key) => `f:${key}`)].map((key) => [key, {}])) },
});
const ours = wrote('grantor', 'token', 'expires_at');
const labels: ManagedFields = { manager: 'kubectl-label', fieldsV1: { 'f:metadata': { 'f:labels': {} } } };

describe('the data of a Secret of ours', () => {
  test.each<[string, ManagedFields[] | undefined, boolean]>([
    ['that we wrote ourselves', [ours], false],
    ['beside whose data others wrote', [labels, ours], false],
    [
      'one value of which another wrote',
      [wrote('grantor', 'expires_at'), wrote('kubectl-edit', 'token')],
      true,
    ],
    ['to which another put the value that is there already', [ours, wrote('argocd', 'token')], true],
    ['to which another added a value', [ours, wrote('kubectl-edit', 'more')], true],
    ['from which another took a value out', [wrote('grantor', 'expires_at')], true],
    ['from which another took all', [labels], true],
    ['of a server that does not tell who wrote', undefined, false],
  ])('%s', (_, managedFields, tampered) => {
    const metadata = { name: 'x', ...(managedFields ? { managedFields } : {}) };
    expect(isTampered(metadata, ['token', 'expires_at'])).toBe(tampered);
  });
});
