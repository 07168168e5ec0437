import { expect, test } from 'vitest';
import { terminalPicture } from './terminal-picture.ts';

test('a picture has the text in its columns and colours, and nothing of the escape sequences', () => {
  const picture = terminalPicture('kubectl x', 'NAME   STATE\na<b    \u001b[31mfailed\u001b[0m   since 3m\n');
  expect(picture).toContain('<text x="16" y="29.5" textLength="85.8">$ kubectl x</text>');
  expect(picture).toContain('<text x="70.6" y="65.5" textLength="46.8" fill="#ff7b72">failed</text>');
  expect(picture).toContain('>since 3m</text>');
  expect(picture).toContain('>a&lt;b</text>');
  expect(picture).not.toContain('\u001b');
});
