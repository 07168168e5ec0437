import { expect, test } from 'vitest';
import { readNavigation } from './navigation.ts';

test('a line that begins with a link is an entry of the section above it; other links are not', () => {
  const index =
    '# Docs\n\n## Start\n\nRead [this](a.md).\n\n- [Quickstart](quickstart.md): see [that](b.md)\n- text\n\n## Run\n\n- [Logs](x/logs.md#form)\n';
  expect(readNavigation(index)).toEqual([
    { title: 'Start', entries: [{ title: 'Quickstart', to: 'quickstart.md' }] },
    { title: 'Run', entries: [{ title: 'Logs', to: 'x/logs.md#form' }] },
  ]);
});
