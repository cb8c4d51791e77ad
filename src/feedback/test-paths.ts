/** Test files and what steers them. The default deny scope of a coder: who writes the change does not write its exam. */
export const testGlobs: readonly string[] = [
  '**/*.test.*',
  '**/*.spec.*',
  '**/*_test.go',
  '**/test_*.py',
  '**/*_test.py',
  '**/*_test.rs',
  '**/{test,tests,__tests__,__snapshots__,__mocks__}/**',
  '**/conftest.py',
  '**/{pytest.ini,tox.ini,sitecustomize.py,usercustomize.py}',
  '**/{jest,vitest}.{config,workspace,setup}.*',
  '**/.mocharc*',
];

const testFolder = /(^|\/)(test|tests|__tests__|__snapshots__|__mocks__)\//;
const testFile = /(\.(test|spec)\.[^/]+|_test\.(go|py|rs)|(^|\/)test_[^/]*\.py)$/;
const configFile =
  /(^|\/)(conftest\.py|pytest\.ini|tox\.ini|sitecustomize\.py|usercustomize\.py|(jest|vitest)\.(config|workspace|setup)\.[^/]+|\.mocharc[^/]*)$/;

/** Is this file, relative to the workspace, a test or part of one? */
export function isTestPath(path: string): boolean {
  const clean = path.replaceAll('\\', '/');
  return testFolder.test(clean) || testFile.test(clean) || configFile.test(clean);
}

/** Does this file decide which tests run, and how? (package.json and pyproject.toml only in part; see `findTampering`.) */
export function isTestConfigPath(path: string): boolean {
  return configFile.test(path.replaceAll('\\', '/'));
}
