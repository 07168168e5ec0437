import { describe, expect, it } from 'vitest';
import { newestKubernetes, oldestKubernetes } from './kubernetes-module.ts';
import { usualRelease } from './release.ts';

describe('releases of Kubernetes', () => {
  it('that are supported are the newest here and the two before it', () => {
    expect(newestKubernetes.minor - oldestKubernetes.minor).toBe(2);
  });

  it('are chosen by an environment variable, and the newest without it', () => {
    expect(usualRelease({})).toBe('newest');
    expect(usualRelease({ GRANTOR_TEST_KUBERNETES: '' })).toBe('newest');
    expect(usualRelease({ GRANTOR_TEST_KUBERNETES: 'oldest' })).toBe('oldest');
  });

  it('that are none are refused in a sentence', () => {
    expect(() => usualRelease({ GRANTOR_TEST_KUBERNETES: '1.34' })).toThrow(
      'GRANTOR_TEST_KUBERNETES is 1.34: write newest or oldest, or unset it',
    );
  });
});
