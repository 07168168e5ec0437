import { describe, expect, test } from 'vitest';
import { aCall, valueOf } from './data.ts';
import type { Suite } from './suite.ts';

export function describeDiscover(suite: Suite): void {
  describe('discover', () => {
    test('says what the issuer can do, and nothing else', async () => {
      const found = valueOf(await suite.driver.discover(aCall()));
      const { capabilities, announcedInVain = [] } = suite;
      expect([...found].sort()).toEqual([...capabilities, ...announcedInVain].sort());
    });
  });
}
