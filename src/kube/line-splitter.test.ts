import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('splitting bytes into lines', () => {
  test('gives the same lines wherever the chunks are cut, also inside of a character', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme', maxLength: 20 })),
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (texts, sizes) => {
          const lines = texts.map((text) => text.replaceAll('\n', ' '));
          const bytes = encode(lines.map((line) => `${line}\n`).join(''));
          const splitter = createLineSplitter(10_000);
          const got: string[] = [];
          for (let at = 0, i = 0; at < bytes.length; i += 1) {
            const size = sizes[i % sizes.length]!;
            const result = splitter.push(bytes.subarray(at, at + size));
            if (!result.ok) throw new Error(result.error);
            got.push(...result.value);
            at += size;
          }
          expect(got).toEqual(lines);
          expect(splitter.pending).toBe(0);
        },
      ),
    );
  });

  test.each([
    { what: 'a line of exactly the limit', chunks: ['12345', '67890\n'], ok: true },
    { what: 'a line one byte longer', chunks: ['12345', '678901\n'], ok: false },
    { what: 'an unfinished line that is already too long', chunks: ['12345', '678901'], ok: false },
    { what: 'many short lines in one chunk', chunks: ['1234567\n1234567\n'], ok: true },
  ])('holds no more than its limit: $what', ({ chunks, ok }) => {
    const splitter = createLineSplitter(10);
    expect(chunks.every((chunk) => splitter.push(encode(chunk)).ok)).toBe(ok);
  });

  test('refuses bytes that are not UTF-8, rather than guessing', () => {
    const bytes = Uint8Array.from([0x22, 0xff, 0x22, 0x0a]);
    expect(createLineSplitter(10).push(bytes)).toEqual({ ok: false, error: 'not UTF-8' });
  });

  test('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 50 })), (chunks) => {
        const splitter = createLineSplitter(100);
        for (const chunk of chunks) if (!splitter.push(chunk).ok) break;
        return splitter.pending <= 100;
      }),
    );
  });
});
