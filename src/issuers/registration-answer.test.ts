import { expect, test } from 'vitest';
import { differencesOf } from './registration-answer.ts';

const ceiling = { tenantID: 'acme', roles: ['a', 'b'], audiences: [], secretDigests: ['x', 'y'] };

test.each<[string, unknown, readonly string[]]>([
  ['as it was sent', ceiling, []],
  ['in another order', { ...ceiling, roles: ['b', 'a'], secretDigests: ['y', 'x'] }, []],
  ['with another secret', { ...ceiling, secretDigests: ['x', 'z'] }, ['grantor']],
  ['with a secret less', { ...ceiling, secretDigests: ['x'] }, ['grantor']],
  ['with a secret more', { ...ceiling, secretDigests: ['x', 'y', 'z'] }, ['grantor']],
  ['with a workload that nobody asked for', { ...ceiling, workload: { subject: 'a' } }, ['grantor']],
  ['without anything', undefined, ['grantor']],
])('a ceiling that comes back %s', (_, grantor, differences) => {
  expect(differencesOf({ redirect_uris: [], grantor: ceiling }, { grantor })).toEqual(differences);
});
