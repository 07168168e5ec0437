import { readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { runInOwnNamespace, whyNoMounts } from './own-namespace.ts';

// What mounts is in files named *.mounts.test.ts. Each is run by another vitest in a mount namespace of its own, and its tests are told
// here by their names.
const impossible = whyNoMounts();
if (impossible !== undefined) console.warn(impossible);

for (const file of readdirSync(import.meta.dirname).filter((name) => name.endsWith('.mounts.test.ts'))) {
  const results = impossible === undefined ? await runInOwnNamespace(`test/mounts/${file}`) : [];
  describe.skipIf(impossible !== undefined)(file, () => {
    if (results.length === 0) test('is run in a mount namespace of its own', () => {});
    for (const { name, status, failures } of results)
      test(name, ({ skip }) => {
        if (status === 'skipped' || status === 'pending') skip();
        if (status !== 'passed') throw new Error(failures.join('\n') || `it was ${status}`);
        expect(status).toBe('passed');
      });
  });
}
