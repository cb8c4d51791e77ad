/**
 * What a file is to the judging of a change. Who writes the change does not write its exam, nor what steers the exam, nor what runs by itself
 * later on somebody's machine: such files are outside a coder's scope unless the plan names them.
 *
 * Lists of names are a first answer only. What a run of the tests was seen to read counts more (`findTampering`), and the files that hold the
 * tests of the baseline are tests by whatever name.
 */

/**
 * test: a test, or what tests compare with. steering: decides which tests run, or how. later: an editor, a shell, git, CI or an agent runs it
 * or obeys it some time. installed: a package of somebody else's, not part of the project.
 */
export const fileRoles = ['test', 'steering', 'later', 'installed', 'source'] as const;
export type FileRole = (typeof fileRoles)[number];

const script = '{js,jsx,mjs,cjs,ts,tsx,mts,cts}';
const data = '{js,jsx,mjs,cjs,ts,tsx,mts,cts,json,json5,jsonc,yml,yaml,toml,ini,xml}';

/** Globs by role, in the order in which they are asked; letters of either case, as some file systems have it. `=` in front: as written. */
const names = {
  installed: ['**/{node_modules,bower_components,site-packages,.venv,venv,.tox,.nox,__pypackages__,.yarn,vendor}/**', '**/.pnp.*'],
  later: [
    '**/{.vscode,.idea,.vs,.zed,.fleet,.theia,.devcontainer,.husky,.githooks,.svn,.hg,.ssh,.hermit,.devbox}/**',
    '**/{.github,.gitlab,.gitea,.forgejo,.circleci,.buildkite,.woodpecker,.semaphore,.teamcity,.builds}/**',
    '**/{.claude,.codex,.cursor,.continue,.windsurf,.gemini,.roo,.clinerules,.aider*,.opencode,.junie,.amazonq,.kiro,.trae,.copilot,.agents,.agent}/**',
    '**/{.mcp.json,mcp.json,opencode.{json,jsonc},.{cursor,windsurf,cline,roo}rules,{AGENTS,CLAUDE,GEMINI,AGENT}{,.*}.md,.worktreeinclude,.aider*}',
    '**/{.gitattributes,.gitmodules,.gitconfig,.lfsconfig,.git-blame-ignore-revs,.mailmap,.code-workspace,*.code-workspace,*.sublime-project}',
    '**/{.gitlab-ci,.travis,.drone,.cirrus,.appveyor,appveyor,bitbucket-pipelines,azure-pipelines*,buildspec,cloudbuild,codemagic}.{yml,yaml}',
    '**/{.woodpecker,wercker,.gitpod,.build,.onedev-buildspec}.{yml,yaml}',
    '**/{.devcontainer.json,.cirrus.star,.replit,dagger.json,{.,}renovate.{json,json5},.renovaterc*,.releaserc*,release.config.*,.huskyrc*,.simple-git-hooks.*,simple-git-hooks.*}',
    '**/{Jenkinsfile*,.pre-commit-config.*,.pre-commit-hooks.*,lefthook.*,.lefthook.*,.lintstagedrc*,lint-staged.config.*,.overcommit.yml}',
    '**/{.envrc{,.*},.env.sh,.dir-locals*.el,.lvimrc,.nvim.lua,.netrc,.bashrc,.bash_profile,.bash_aliases,.profile,.zshrc,.zshenv,.zprofile,.inputrc,.vimrc,.exrc,.nvimrc,.lldbinit,.gdbinit}',
    '**/{mise.toml,.mise.toml,.mise/**,.tool-versions,.direnv/**,.autoenv,.env.vault}',
  ],
  test: [
    '**/*.{test,tests,spec,specs,cy,e2e,bench}.*',
    '**/{*-test,*_test,*-spec,*_spec}.*',
    `{test-*,test,tests,spec}.${script}`,
    '**/{test_*,tests}.py',
    'test.py',
    '=**/*{Test,Tests,TestCase,Spec,Specs,Steps}.{java,kt,kts,groovy,scala,cs,fs,vb,php,swift,m,mm,dart}',
    '**/{test,tests,__tests__,e2e,cypress,playwright}/**',
    '{spec,specs,features}/**',
    '**/*.{feature,snap,golden,ambr}',
    '**/*.{approved,verified,golden,snap}.*',
    '**/{__snapshots__,__image_snapshots__,__screenshots__,__mocks__,__fixtures__,testdata,test-data,test_data,golden,goldens}/**',
    '**/conftest.py',
  ],
  steering: [
    '**/{pytest,.pytest}.{ini,toml}',
    '**/{tox.ini,noxfile.py,sitecustomize.py,usercustomize.py,*.pth,.coveragerc,.noserc,nose.cfg,nose2.cfg,unittest.cfg,runtests.py,run_tests.py,behave.ini}',
    `**/{jest,vitest,vite,babel,webpack,rollup,rolldown,rspack,tsup,esbuild,swc}{,.*}.{config,conf,workspace,setup}{,.*}.${data}`,
    `**/{karma,playwright,cypress,ava,mocha,nyc,c8,tap,wdio,web-test-runner,nightwatch,stryker,jasmine}{,.*}.{config,conf,setup}{,.*}.${data}`,
    `**/{jest,vitest,mocha}{-,.}{setup,preset,environment,workspace}*.${script}`,
    `**/{setup{,-,.}{jest,vitest,mocha,tests,test},setupTests,setupFiles,test-setup,global{S,-s}etup,global{T,-t}eardown}.${script}`,
    '**/{.mocharc,.babelrc,.swcrc,.nycrc,.c8rc,.taprc,.avarc,.jestrc}*',
    '**/{.rspec,*.runsettings,phpunit*.xml*,testng*.xml,.jasmine.json,bunfig.toml,deno.json,deno.jsonc,importmap.json,import_map.json}',
    '**/{.npmrc,.yarnrc,.yarnrc.yml,.pnpmfile.*,pnpmfile.*,build.rs,rust-toolchain*,go.work,go.work.sum,.python-version,.nvmrc}',
    '**/{.cargo/**,.config/nextest.toml,pnpm-workspace.yaml,node.config.json}',
    '**/CTest*.cmake',
  ],
} as const satisfies Partial<Record<FileRole, readonly string[]>>;

const roles = Object.entries(names).map(([role, globs]) => [role as FileRole, patternOf(globs)] as const);

/** `path`: relative to the workspace, either kind of slash. */
export function roleOf(path: string): FileRole {
  const clean = path.replaceAll('\\', '/').normalize('NFC');
  return roles.find(([, patterns]) => patterns.some((pattern) => pattern.test(clean)))?.[0] ?? 'source';
}

/** A test, what tests compare with, or what steers them. */
export function isTestPath(path: string): boolean {
  const role = roleOf(path);
  return role === 'test' || role === 'steering';
}

/** What an agent may not write by default, in words for it and for the user. */
export const refusals: Readonly<Record<Exclude<FileRole, 'source'>, string>> = {
  test: 'it is a test, or something tests compare with',
  steering: 'it decides which tests run, or how',
  later: 'an editor, git, CI or an agent would run it or obey it later',
  installed: 'it is part of an installed package, not of the project',
};

/** Each list becomes two patterns: one for letters of either case, one for names as they are written. */
function patternOf(globs: readonly string[]): RegExp[] {
  const [exact, any] = [
    globs.filter((glob) => glob.startsWith('=')).map((glob) => glob.slice(1)),
    globs.filter((glob) => !glob.startsWith('=')),
  ];
  return [
    ...(any.length > 0 ? [new RegExp(`^(?:${any.map(expression).join('|')})$`, 'iu')] : []),
    ...(exact.length > 0 ? [new RegExp(`^(?:${exact.map(expression).join('|')})$`, 'u')] : []),
  ];
}

/** The few signs of globs that the lists above use: a folder of any depth in front, anything below, anything in a name, and choices. */
function expression(glob: string): string {
  return glob
    .replace(/[.+^$()|[\]\\]/g, '\\$&')
    .replaceAll('{', '(?:')
    .replaceAll('}', ')')
    .replaceAll(',', '|')
    .replaceAll('**/', '\u0000')
    .replaceAll('/**', '\u0001')
    .replaceAll('*', '[^/]*')
    .replaceAll('\u0000', '(?:.*/)?')
    .replaceAll('\u0001', '/.*');
}
