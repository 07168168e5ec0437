import { describe, expect, test } from 'vitest';
import { decode } from '../../src/api/decode.ts';
import { invalidExamples, validExamples } from './examples.ts';
import { asStored } from './stored.ts';

// Unknown fields are the API server's to refuse or to prune; the decoder leaves them out.
const broken = invalidExamples().filter(({ refusal }) => !refusal.startsWith('unknown field'));

describe('the decoder', () => {
  test.each(validExamples())('reads the valid example $name', ({ kind, manifest }) => {
    expect(decode(kind, asStored(manifest))).toMatchObject({ ok: true });
  });

  test.each(broken)('refuses the invalid example $name', ({ kind, manifest }) => {
    expect(decode(kind, asStored(manifest))).toMatchObject({ ok: false });
  });

  test('refuses at least 40 of the invalid examples', () => {
    expect(broken.length).toBeGreaterThanOrEqual(40);
  });
});
