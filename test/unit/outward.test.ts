/** Paths in manifests of Go and Rust that mean another place in a copy than in the project. */
import { expect, test } from 'vitest';
import { outwardPaths } from '../../src/feedback/index.ts';

const told = (manifest: string, text: string, depth = 0) =>
  outwardPaths(manifest, text, '/home/me/proj', depth, () => false).map((sentence) =>
    /leads to (\S+?),? (outside|by)/.exec(sentence)?.slice(1).join(' '),
  );

test.each<[string, string, string[]]>([
  ['go.mod', 'module a\nreplace x.org/lib => ../lib\n', ['../lib outside']],
  ['go.mod', 'replace (\n\tx.org/lib v1.2.3 => ../../lib // mine\n\tx.org/own => ./own\n)\n', ['../../lib outside']],
  ['go.mod', 'replace x.org/lib => x.org/fork v1.0.0\n// replace x.org/lib => ../lib\n', []],
  ['go.mod', 'replace x.org/lib => /home/me/proj/lib\n', ['/home/me/proj/lib by']],
  ['go.mod', 'replace x.org/lib => /home/me/project/lib\n', []],
  ['service/go.mod', 'replace x.org/lib => ../lib\n', []],
  ['service/go.mod', 'replace x.org/lib => ../../lib\n', ['../../lib outside']],
  ['go.work', 'go 1.22\nuse (\n\t.\n\t../lib\n)\n', ['../lib outside']],
  ['go.work', 'use ../lib\n', ['../lib outside']],
  ['Cargo.toml', '[package]\nname = "a"\n[dependencies]\nlib = { path = "../lib" }\nown = { path = "crates/own" }\n', ['../lib outside']],
  ['Cargo.toml', '[patch.crates-io]\nlib = { version = "1", path = "/home/me/proj/lib" }\n', ['/home/me/proj/lib by']],
  ['Cargo.toml', '[lib]\npath = "src/main.rs"\n# path = "../lib"\n', []],
  ['.cargo/config.toml', 'paths = ["../lib"]\n', ['../lib outside']],
])('%s: %j', (manifest, text, expected) => {
  expect(told(manifest, text)).toEqual(expected);
});

test('what lies above the workspace and is copied with it is there', () => {
  expect(told('go.mod', 'replace x.org/lib => ../lib\n', 1)).toEqual([]);
  expect(told('go.mod', 'replace x.org/lib => ../../lib\n', 1)).toEqual(['../../lib outside']);
});
