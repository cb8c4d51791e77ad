import { expect, it } from 'vitest';
import { withoutLogin } from '../../src/workspace/config-text.ts';
import { withTimes } from '../../src/workspace/index-times.ts';

it.each([
  ['https://example.com/a/b.git', 'https://example.com/a/b.git'],
  ['https://ghp_token@example.com/a/b.git', 'https://example.com/a/b.git'],
  ['https://me:p%40ss@example.com:8443/a/b.git', 'https://example.com:8443/a/b.git'],
  ['https://me:p@ss@example.com/a.git', 'https://example.com/a.git'],
  ['HTTPS://me:secret@example.com/a?private_token=x#y', 'HTTPS://example.com/a'],
  ['ssh://git@example.com:22/a/b.git', 'ssh://git@example.com:22/a/b.git'],
  ['ssh://me:secret@example.com/a', 'ssh://me@example.com/a'],
  ['git@example.com:a/b.git', 'git@example.com:a/b.git'],
  ['example.com:b.git', 'example.com:b.git'],
  ['git://example.com/a', 'git://example.com/a'],
  ['me:secret@example.com:a/b.git', undefined],
  ['/home/me/other.git', undefined],
  ['../other', undefined],
  ['file:///home/me/other.git', undefined],
  ['C:\\other', undefined],
  ['C:/other', undefined],
  ['ext::sh -c "curl evil"', undefined],
  ['codecommit::eu-west-1://key@repo', undefined],
  ['https://', undefined],
  ['', undefined],
])('the address %s is shown to a copy as %s', (address, shown) => {
  expect(withoutLogin(address)).toBe(shown);
});

it('what is no index of version 2 or 3 is refused', () => {
  expect(() => withTimes(Buffer.from('DIRC\0\0\0\x04\0\0\0\0'), new Map(), 'sha1')).toThrow('version 4');
});
