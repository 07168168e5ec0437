import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { messageType } from '../../test/kubelet/protocol.ts';
import { type AskedVolume, aPod, publishRequest } from '../../test/kubelet/test-kubelet.ts';
import { instantOf } from '../std/instant.ts';
import { Secret } from '../std/secret.ts';
import { nodePublishVolumeRequest } from './csi-messages.ts';
import { decodeMessage } from './protobuf.ts';
import { parsePublishRequest } from './publish-request.ts';

const pods = '/var/lib/kubelet/pods';
const targetPath = `${pods}/7c1f/volumes/kubernetes.io~csi/token/mount`;
const type = messageType('csi.v1.NodePublishVolumeRequest');

/** What becomes of a request on its way through the socket. */
const read = (asked: Partial<AskedVolume>) => {
  const request = publishRequest({ volumeID: 'csi-1', targetPath, ...asked });
  const bytes = type.encode(type.fromObject(request)).finish();
  return parsePublishRequest(decodeMessage(nodePublishVolumeRequest, bytes), pods);
};
const jwt = 'aGVhZGVy.Y2xhaW1z.c2lnbmF0dXJl';
const tokens = { 'https://issuer.example': { token: jwt, expirationTimestamp: '2026-11-26T01:00:00Z' } };
const expiresAt = instantOf(Date.parse('2026-11-26T01:00:00Z'));
const podKeys = (overrides: Readonly<Record<string, string | undefined>>) => {
  const context = {
    ...(publishRequest({ volumeID: 'csi-1', targetPath })['volume_context'] as object),
    ...overrides,
  };
  return {
    volume_context: Object.fromEntries(Object.entries(context).filter(([, value]) => value !== undefined)),
  };
};

test.each([false, true])(
  'tokens are found where the kubelet brings them (among the attributes: %s)',
  (tokensAmongAttributes) => {
    expect(read({ tokens, tokensAmongAttributes })).toEqual({
      ok: true,
      value: {
        volumeID: 'csi-1',
        targetPath,
        pod: aPod,
        binding: 'api',
        access: { mode: 0o444, group: undefined },
        tokens: new Map([['https://issuer.example', { token: new Secret(jwt), expiresAt }]]),
      },
    });
  },
);

test('a driver without audiences brings none', () => {
  expect(read({})).toMatchObject({ ok: true, value: { tokens: new Map() } });
});

describe('who may read the files', () => {
  const access = (asked: Partial<AskedVolume>) => {
    const result = read(asked);
    return result.ok ? result.value.access : result.error;
  };
  test.each([
    ['all, if the pod has no fsGroup', {}, { mode: 0o444, group: undefined }],
    ['the fsGroup', { fsGroup: '2000' }, { mode: 0o440, group: 2000 }],
    [
      'the group that the author names rather than that',
      { fsGroup: '2000', attributes: { binding: 'api', group: '3000' } },
      { mode: 0o440, group: 3000 },
    ],
    [
      'whom the author names by fileMode',
      { fsGroup: '2000', attributes: { binding: 'api', fileMode: '0444' } },
      { mode: 0o444, group: 2000 },
    ],
    ['root', { attributes: { binding: 'api', fileMode: '400' } }, { mode: 0o400, group: undefined }],
  ] satisfies readonly (readonly [string, Partial<AskedVolume>, object])[])('%s', (_, asked, expected) => {
    expect(access(asked)).toEqual(expected);
  });

  test.each(['0640', '0777', '4440', '0040', '', '0', '44', '0o444', '-444', '0448', 'rw', '00444'])(
    'nobody by a fileMode of %j',
    (fileMode) => {
      expect(access({ attributes: { binding: 'api', fileMode } })).toMatch(
        /^fileMode in volumeAttributes is one of/,
      );
    },
  );
  test.each(['-1', 'staff', '4294967295', '1e3', '0x10', ' 1', '99999999999'])(
    'nobody by a group of %j',
    (group) => {
      expect(access({ attributes: { binding: 'api', group } })).toMatch(/is no group id$/);
      expect(access({ fsGroup: group })).toMatch(/is no group id$/);
    },
  );
});

test('what is wrong is said in one sentence, which names what to change', () => {
  const mount = { fs_type: '', mount_flags: [] as string[], volume_mount_group: '' };
  const capability = (changes: object) => ({
    request: { volume_capability: { mount, access_mode: { mode: 1 }, ...changes } },
  });
  const refusals: Readonly<Record<string, Partial<AskedVolume>>> = {
    'no volume id': { volumeID: '' },
    'a path as volume id': { volumeID: '../x' },
    'no target path': { targetPath: '' },
    'a target path elsewhere': { targetPath: '/etc/mount' },
    'no capability': { request: { volume_capability: undefined } },
    'a block device': { request: { volume_capability: { block: {}, access_mode: { mode: 1 } } } },
    'several nodes': capability({ access_mode: { mode: 5 } }),
    'no access mode': capability({ access_mode: undefined }),
    'a file system': capability({ mount: { ...mount, fs_type: 'ext4' } }),
    'mount flags': capability({ mount: { ...mount, mount_flags: ['rw'] } }),
    writable: { request: { readonly: false } },
    'a PersistentVolume': { request: podKeys({ 'csi.storage.k8s.io/ephemeral': undefined }) },
    'no pod': { request: podKeys({ 'csi.storage.k8s.io/pod.uid': undefined }) },
    'an odd pod': { request: podKeys({ 'csi.storage.k8s.io/pod.namespace': '../other' }) },
    'no binding': { attributes: {} },
    'a path as binding': { attributes: { binding: '../api' } },
    'an unknown attribute': { attributes: { binding: 'api', audience: 'x' } },
    'one that only a kubelet has': { attributes: { binding: 'api', 'csi.storage.k8s.io/fake': 'x' } },
    'tokens of the author': {
      tokens,
      attributes: { binding: 'api', 'csi.storage.k8s.io/serviceAccount.tokens': '{}' },
    },
    'a secret of the author': { request: { secrets: { password: 'x' } } },
    'tokens that are none': { request: { secrets: { 'csi.storage.k8s.io/serviceAccount.tokens': '[1]' } } },
  };
  const said = Object.fromEntries(
    Object.entries(refusals).map(([name, asked]) => {
      const result = read(asked);
      return [name, result.ok ? 'nothing' : result.error];
    }),
  );
  expect(said).toMatchInlineSnapshot(`
    {
      "a PersistentVolume": "a volume of this driver is written inline in a pod (csi, not a PersistentVolume), and its CSIDriver has podInfoOnMount",
      "a block device": "this driver serves files, no block devices",
      "a file system": "a volume of this driver has no fsType and no mount flags",
      "a path as binding": "binding in volumeAttributes is no name of a WorkloadIdentityBinding",
      "a path as volume id": "volume_id is none that a kubelet gives",
      "a secret of the author": "a volume of this driver has no nodePublishSecretRef",
      "a target path elsewhere": "target_path is not below /var/lib/kubelet/pods; --kubelet-dir has to be the folder of the kubelet",
      "an odd pod": "the kubelet did not say which pod the volume is for; the CSIDriver needs podInfoOnMount",
      "an unknown attribute": "volumeAttributes has "audience", which is none of binding, fileMode, group",
      "mount flags": "a volume of this driver has no fsType and no mount flags",
      "no access mode": "a volume of this driver is on one node, in one pod",
      "no binding": "volumeAttributes needs binding: the name of a WorkloadIdentityBinding in the namespace of the pod",
      "no capability": "volume_capability is missing",
      "no pod": "the kubelet did not say which pod the volume is for; the CSIDriver needs podInfoOnMount",
      "no target path": "target_path is missing",
      "no volume id": "volume_id is missing",
      "one that only a kubelet has": "volumeAttributes has "csi.storage.k8s.io/fake", which is none of binding, fileMode, group",
      "several nodes": "a volume of this driver is on one node, in one pod",
      "tokens of the author": "volumeAttributes has "csi.storage.k8s.io/serviceAccount.tokens", which is for the kubelet alone",
      "tokens that are none": "the ServiceAccount tokens of the pod are not as the kubelet writes them; the node's kubelet may be too new",
      "writable": "the volume needs readOnly: true",
    }
  `);
});

const canary = 'q7Zr5KcX';
const near = fc.constantFrom('', '"', '\\', '.', ' ', '\n', '}', '{"a":', 'é', '\u0000', 'x'.repeat(70));
const spoiled = fc.tuple(near, near).map(([before, after]) => `${before}${canary}${after}`);

test('no sentence holds anything that could be a token, wherever it was put', () => {
  const key = 'csi.storage.k8s.io/serviceAccount.tokens';
  const anywhere = spoiled.chain((text) =>
    fc.constantFrom<Partial<AskedVolume>>(
      { volumeID: text },
      { targetPath: text },
      { targetPath: `${pods}/${text}` },
      { fsGroup: text },
      { attributes: { binding: text } },
      { attributes: { binding: 'api', fileMode: text } },
      { attributes: { binding: 'api', group: text } },
      { attributes: { binding: 'api', unknown: text } },
      { attributes: { binding: 'api', [key]: text }, tokens },
      { request: { secrets: { [key]: text } } },
      { request: { secrets: { [key]: JSON.stringify(text) } } },
      { request: { secrets: { [key]: JSON.stringify({ [text]: text }) } } },
      { request: { secrets: { [key]: JSON.stringify({ a: { token: text, expirationTimestamp: text } }) } } },
      { request: { secrets: { [key]: JSON.stringify({ a: { token: jwt, expirationTimestamp: text } }) } } },
      { request: { secrets: { other: text } } },
      { request: podKeys({ 'csi.storage.k8s.io/pod.name': text }) },
      { request: podKeys({ 'csi.storage.k8s.io/serviceAccount.name': text }) },
      {
        request: {
          volume_capability: { mount: { fs_type: text, mount_flags: [text] }, access_mode: { mode: 1 } },
        },
      },
    ),
  );
  let refused = 0;
  fc.assert(
    fc.property(anywhere, (asked) => {
      const result = read(asked);
      if (result.ok) return;
      refused++;
      expect(result.error).not.toContain(canary);
      expect(result.error).toMatch(/^[\x20-\x7e]{10,256}$/);
    }),
    { numRuns: 1000 },
  );
  expect(refused).toBeGreaterThan(900);
});

test.each([
  [
    'too many audiences',
    Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`a${n}`, tokens['https://issuer.example']])),
  ],
  [
    'a token that is too long',
    { a: { token: `a.b.${'c'.repeat(20_000)}`, expirationTimestamp: '2026-11-26T01:00:00Z' } },
  ],
  ['an audience that is too long', { ['a'.repeat(2000)]: tokens['https://issuer.example'] }],
  ['a token that never ends', { a: { token: jwt, expirationTimestamp: 'never' } }],
  ['a token that is none', { a: { token: 'no token', expirationTimestamp: '2026-11-26T01:00:00Z' } }],
])('%s is refused', (_, brought) => {
  expect(read({ tokens: brought })).toMatchObject({
    ok: false,
    error: expect.stringMatching(/^the ServiceAccount tokens of the pod are not as the kubelet writes them/),
  });
});
