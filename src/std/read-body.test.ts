import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readBody } from './read-body.ts';

const bodyOf = (...chunks: string[]): Readable => Readable.from(chunks.map((chunk) => Buffer.from(chunk)));

describe('the body of an answer', () => {
  test('is read whole, however it comes', async () => {
    expect((await readBody(bodyOf('{"a"', ':', '1}'), 7))?.toString()).toBe('{"a":1}');
    expect((await readBody(bodyOf(), 0))?.toString()).toBe('');
  });

  test('is given up with the first byte too many, and the rest is not read', async () => {
    let made = 0;
    const endless = Readable.from(
      (function* () {
        for (;;) yield Buffer.alloc(10, ++made);
      })(),
    );
    expect(await readBody(endless, 25)).toBeUndefined();
    expect(endless.destroyed).toBe(true);
    expect(made).toBeLessThan(40);
  });

  test('that breaks off is no body', async () => {
    const broken = bodyOf('half');
    const read = readBody(broken, 100);
    broken.destroy(new Error('reset'));
    await expect(read).rejects.toThrow('reset');
    const silent = new Readable({ read() {} });
    const waiting = readBody(silent, 100);
    silent.destroy();
    await expect(waiting).rejects.toThrow('before its end');
  });
});
