import { expect, test } from 'vitest';
import { anchorsOf, slugOf } from './anchors.ts';

test.each([
  ['Which namespace is whose', 'which-namespace-is-whose'],
  ['`TokenRefused`', 'tokenrefused'],
  ['Where is …?', 'where-is-'],
  ['2. The kinds, and what the controller may do', '2-the-kinds-and-what-the-controller-may-do'],
  ["A client's life", 'a-clients-life'],
  ['See [the reference](x.md)', 'see-the-reference'],
])('the heading %s is linked to as #%s', (heading, slug) => {
  expect(slugOf(heading)).toBe(slug);
});

test('what stands in code is no heading, the second of two equal headings is numbered, and named anchors count', () => {
  const text = '# One\n\n```sh\n# no heading\n```\n\n## Two\n\n## Two\n\n<a id="three"></a>\n';
  expect([...anchorsOf(text)]).toEqual(['one', 'two', 'two-1', 'three']);
});
