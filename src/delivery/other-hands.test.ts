import { describe, expect, test } from 'vitest';
import type { ManagedFields } from '../kube/objects.ts';
import { formatInstant } from '../std/instant.ts';
import { isTampered, lastWrite } from './other-hands.ts';

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

describe('when we wrote a Secret', () => {
  const at = (time: string | undefined, manager = 'grantor'): ManagedFields => ({
    ...wrote(manager, 'token'),
    ...(time === undefined ? {} : { time }),
  });
  test.each<[string, ManagedFields[], string | undefined]>([
    ['is what the server says of us', [at('2026-06-01T12:00:00Z')], '2026-06-01T12:00:00Z'],
    [
      'is not when somebody else touched it',
      [at('2026-06-01T12:00:00Z'), at('2026-06-02T12:00:00Z', 'kubectl-edit')],
      '2026-06-01T12:00:00Z',
    ],
    [
      'is the last time that we wrote any part of it',
      [at('2026-06-01T12:00:00Z'), at('2026-06-02T12:00:00Z')],
      '2026-06-02T12:00:00Z',
    ],
    ['is not known of a server that does not tell', [], undefined],
    ['is not known where it is no time', [at('noon'), at(undefined)], undefined],
  ])('%s', (_, managedFields, expected) => {
    const time = lastWrite({ name: 'x', managedFields });
    expect(time && formatInstant(time)).toBe(expected);
  });
});
