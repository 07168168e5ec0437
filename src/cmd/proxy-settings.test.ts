import { expect, test } from 'vitest';
import { proxySettings } from './proxy-settings.ts';

test.each([
  [{}, undefined],
  [{ HTTPS_PROXY: '', https_proxy: '', NO_PROXY: '*' }, undefined],
  [{ HTTP_PROXY: 'http://p' }, undefined],
  [{ HTTPS_PROXY: 'http://p' }, { httpsProxy: 'http://p', noProxy: '' }],
  [
    { HTTPS_PROXY: '', https_proxy: 'http://q', no_proxy: 'a' },
    { httpsProxy: 'http://q', noProxy: 'a' },
  ],
  [
    { HTTPS_PROXY: 'http://p', https_proxy: 'http://q', NO_PROXY: 'a', no_proxy: 'b' },
    { httpsProxy: 'http://p', noProxy: 'a' },
  ],
])('%o', (environment, expected) => {
  expect(proxySettings(environment)).toEqual(expected);
});
