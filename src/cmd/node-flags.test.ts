import { describe, expect, it } from 'vitest';
import { parseFlags } from '../../test/gen/parse-flags.ts';
import { nodeFlags } from './node-flags.ts';

const parse = (...flags: readonly string[]) => parseFlags(nodeFlags(), flags);

describe('the flags of the node plug-in', () => {
  it('have defaults for all but the name of the node', () => {
    expect(parse('--node-name', 'node-1.example')).toEqual({
      nodeName: 'node-1.example',
      kubeletDir: '/var/lib/kubelet',
      probes: { host: '127.0.0.1', port: 8080 },
      logLevel: 'info',
    });
  });

  it('take that from the environment, where a DaemonSet puts it', () => {
    process.env['NODE_NAME'] = 'node-2';
    try {
      expect(parse()).toMatchObject({ nodeName: 'node-2' });
      expect(parse('--node-name', 'node-3')).toMatchObject({ nodeName: 'node-3' });
    } finally {
      delete process.env['NODE_NAME'];
    }
  });

  it('take the id of the cluster as the controller does', () => {
    expect(parse('--node-name', 'a', '--cluster-id', 'prod.eu-1')).toMatchObject({ clusterId: 'prod.eu-1' });
    expect(parse('--node-name', 'a', '--cluster-id', 'a/b')).toContain('Write 1 to 63');
  });

  it.each<[string, string[], string]>([
    ['no name of a node', [], "required option '--node-name <name>' not specified"],
    ['a name with a slash', ['--node-name', 'a/b'], 'Write the name of a Node'],
    ['a relative folder', ['--node-name', 'a', '--kubelet-dir', 'kubelet'], 'Write an absolute path'],
    ['a folder written oddly', ['--node-name', 'a', '--kubelet-dir', '/var//lib'], 'Write an absolute path'],
    [
      'a folder with a slash too many',
      ['--node-name', 'a', '--kubelet-dir', '/var/lib/'],
      'Write an absolute',
    ],
    ['the root', ['--node-name', 'a', '--kubelet-dir', '/'], 'Write an absolute path'],
    [
      'a folder too deep for sockets',
      ['--node-name', 'a', '--kubelet-dir', `/${'x'.repeat(60)}`],
      'at most 60',
    ],
    ['an unknown flag', ['--node-name', 'a', '--token', 'x'], "unknown option '--token'"],
  ])('refuse %s in a sentence', (_, flags, words) => {
    expect(parse(...flags)).toContain(words);
  });
});
