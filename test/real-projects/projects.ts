/**
 * Public projects with a fix out of their own history. The workspace is the parent of the fix with the fix's tests laid over it; the scripted model
 * hands over what the fix did to `source`. Nothing of these projects is kept in this repository.
 */
export interface RealProject {
  readonly name: string;
  /** Of its repository; with `--from`, the folder of that name there is taken. */
  readonly url: string;
  readonly fix: string;
  /** What kind of project it stands for: runner, shape. */
  readonly kind: string;
  readonly request: string;
  readonly source: readonly string[];
  readonly tests: readonly string[];
  /** Lines of a shell, run in the workspace; what the project tells its own people to do. */
  readonly install: readonly string[];
  /** How a person runs its tests. */
  readonly byHand: string;
  /** What had to be set: options of `teamwright run`. */
  readonly options?: readonly string[];
}

const npm = ['npm install --no-audit --no-fund --no-package-lock --ignore-scripts'];
const pip = (...packages: readonly string[]): readonly string[] => [
  'python3 -m venv .venv',
  `.venv/bin/pip install --quiet --disable-pip-version-check ${packages.join(' ')}`,
];

export const projects: readonly RealProject[] = [
  {
    name: 'express',
    url: 'https://github.com/expressjs/express',
    fix: '18e5985b',
    kind: 'mocha',
    request:
      'res.send() adds a Content-Length header even if Transfer-Encoding is set already. The two cannot stand in one response together: add Content-Length only if there is no Transfer-Encoding. Tests in test/res.send.js fail.',
    source: ['lib/response.js'],
    tests: ['test/res.send.js'],
    install: npm,
    byHand: 'npx mocha --require test/support/env --check-leaks test/ test/acceptance/',
  },
  {
    name: 'ufo',
    url: 'https://github.com/unjs/ufo',
    fix: 'eb29945',
    kind: 'vitest, behind a linter, TypeScript',
    request: 'withBase() and withoutBase() take /admin-dashboard for a path below the base /admin/. Prevent such false prefix matches.',
    source: ['src/utils.ts'],
    tests: ['test/base.test.ts'],
    install: npm,
    byHand: 'npx vitest run --typecheck',
  },
  {
    name: 'p-limit',
    url: 'https://github.com/sindresorhus/p-limit',
    fix: 'ef37eb2',
    kind: 'ava, behind a linter and with types after it',
    request:
      'limit.map() throws when it is called detached from the limit function, as in `const {map} = pLimit(1)`. Fix detached map calls.',
    source: ['index.js'],
    tests: ['test.js'],
    install: npm,
    byHand: 'npx ava',
  },
  {
    name: 'more-itertools',
    url: 'https://github.com/more-itertools/more-itertools',
    fix: 'f51a53b',
    kind: 'unittest',
    request: 'interleave_evenly([]) raises IndexError. An empty input should give nothing.',
    source: ['more_itertools/more.py'],
    tests: ['tests/test_more.py'],
    install: [],
    byHand: 'python3 -m unittest',
  },
  {
    name: 'toml',
    url: 'https://github.com/BurntSushi/toml',
    fix: '874dff3',
    kind: 'go test',
    request:
      'A TextUnmarshaler is given a mangled float: 1e-10 arrives as 0.000000. It should get the shortest form that round-trips. TestDecodeTextUnmarshalerFloat fails.',
    source: ['decode.go'],
    tests: ['decode_test.go'],
    install: ['go mod download'],
    byHand: 'go test -v ./...',
  },
  {
    name: 'rust-url',
    url: 'https://github.com/servo/rust-url',
    fix: '25137be',
    kind: 'cargo test, workspace of several crates',
    request:
      'The caret (U+005E) in a path is not percent-encoded while parsing, as the WHATWG spec asks for. Fix the path percent-encode set.',
    source: ['url/src/parser.rs'],
    tests: ['url/tests/unit.rs', 'url/tests/expected_failures.txt'],
    install: ['cargo fetch --quiet'],
    byHand: 'cargo test --no-fail-fast',
    options: ['--test-seconds', '600'],
  },
  {
    name: 'class-validator',
    url: 'https://github.com/typestack/class-validator',
    fix: '9c49bd6',
    kind: 'jest, TypeScript',
    request: 'forbidUnknownValues should default to true also when no validator options are given: validate({}) passes today.',
    source: ['src/validation/ValidationExecutor.ts', 'src/validation/ValidatorOptions.ts'],
    tests: ['test/functional/validator-options.spec.ts'],
    install: npm,
    byHand: 'npx jest',
  },
  {
    name: 'fast-uri',
    url: 'https://github.com/fastify/fast-uri',
    fix: 'b7c7e34',
    kind: 'tape',
    request:
      'Parsing a URN finds a valid one somewhere inside the input, as in urn:x|foo:bar. The complete input must be a URN; anything else is an error.',
    source: ['lib/schemes.js'],
    tests: ['test/urn-full-input.test.js'],
    install: npm,
    byHand: "npx tape 'test/**/*.js'",
  },
  {
    name: 'node-semver',
    url: 'https://github.com/npm/node-semver',
    fix: '046da7f',
    kind: 'tap',
    request:
      'With includePrerelease, ^0.2.3 and ^0.0.3 match 0.2.3-alpha and 0.0.3-alpha, which are lower. Align the lower bounds of caret ranges.',
    source: ['classes/range.js'],
    tests: ['test/fixtures/range-exclude.js'],
    install: npm,
    byHand: 'npx tap --no-coverage --reporter=tap',
    options: ['--test-seconds', '600'],
  },
  {
    name: 'pbf',
    url: 'https://github.com/mapbox/pbf',
    fix: '7b1f6ce',
    kind: 'node:test, with a linter and types before it',
    request:
      'compile() puts the tag of a field into the code it makes without a check, so an unsafe schema can inject code. It should throw for a tag that is no valid field number.',
    source: ['compile.js'],
    tests: ['test/compile.test.js'],
    install: npm,
    byHand: 'node --test test/*.test.js',
  },
  {
    name: 'commander',
    url: 'https://github.com/tj/commander.js',
    fix: '2e96cd38',
    kind: 'jest, with types after it',
    request: 'List the excess arguments in the error message "too many arguments": Expected 0 arguments but got 1: excess.',
    source: ['lib/command.js'],
    tests: ['tests/command.exitOverride.test.js'],
    install: npm,
    byHand: 'npx jest',
  },
  {
    name: 'remark-lint',
    url: 'https://github.com/remarkjs/remark-lint',
    fix: 'ce81d46',
    kind: 'npm workspaces, node:test',
    request: 'The lint message for unexpected heading ranks has a typo: "exected rank" should be "expected rank".',
    source: ['packages/remark-lint-heading-increment/index.js', 'packages/remark-lint-no-multiple-toplevel-headings/index.js'],
    tests: ['test.js'],
    // Without a lock file a later comment-parser comes in, which its tests do not understand.
    install: [...npm, `${npm[0]} --no-save comment-parser@1.4.1`],
    byHand: 'node --conditions development test.js',
    options: ['--test-seconds', '600'],
  },
  {
    name: 'cucumber-expressions',
    url: 'https://github.com/cucumber/cucumber-expressions',
    fix: '12d21fc6',
    kind: 'several languages, pytest in a folder',
    request: 'Python: ParameterType should have defaults for use_for_snippets (True) and prefer_for_regexp_match (False).',
    source: ['python/cucumber_expressions/parameter_type.py'],
    tests: ['python/tests/test_custom_parameter_type.py'],
    install: [
      'python3 -m venv python/.venv',
      'python/.venv/bin/pip install --quiet --disable-pip-version-check -e python "pytest<9" PyYAML',
    ],
    byHand: 'cd python && .venv/bin/python -m pytest',
  },
  {
    name: 'click',
    url: 'https://github.com/pallets/click',
    fix: '762c97ee',
    kind: 'pytest, src layout',
    request:
      'The usage line of an optional Choice argument has two pairs of brackets: [[foo|bar|baz]]. Reuse the brackets that the metavar has already. test_choice_argument_optional_metavar fails.',
    source: ['src/click/core.py'],
    tests: ['tests/test_basic.py'],
    install: pip('-e .', '"pytest<9"'),
    byHand: '.venv/bin/python -m pytest',
  },
  {
    name: 'django-filter',
    url: 'https://github.com/carltongibson/django-filter',
    fix: '39bf174a',
    kind: 'Django, runtests.py',
    request: 'OrderingFilter fails on empty values, as in ?o=username, with a comma at the end. Leave empty values out.',
    source: ['django_filters/filters.py'],
    tests: ['tests/test_filtering.py'],
    install: pip('-e .', '"django>=4.2,<5"', 'djangorestframework', '-r requirements/test-ci.txt'),
    byHand: '.venv/bin/python runtests.py',
  },
  {
    name: 'django-taggit',
    url: 'https://github.com/jazzband/django-taggit',
    fix: '649c7fb',
    kind: 'Django, django test with settings, tox',
    request:
      'With TAGGIT_CASE_INSENSITIVE, tags are looked up without tag_kwargs, so the wrong tag is found or several are. Look up with tag_kwargs too.',
    source: ['taggit/managers.py'],
    tests: ['tests/migrations/0006_auto_20230622_0834.py', 'tests/models.py', 'tests/tests.py'],
    install: pip('-e .', '"django>=4.2,<5"', 'djangorestframework'),
    byHand: '.venv/bin/python -m django test --settings=tests.settings',
  },
  {
    name: 'pflag',
    url: 'https://github.com/spf13/pflag',
    fix: '298bcdf',
    kind: 'go test',
    request: 'UintSlice does not take hexadecimal input such as 0x10, other flags do. TestUISHex fails.',
    source: ['uint_slice.go'],
    tests: ['uint_slice_test.go'],
    install: ['go mod download'],
    byHand: 'go test -v ./...',
  },
  {
    name: 'semver',
    url: 'https://github.com/dtolnay/semver',
    fix: 'd92a4d8',
    kind: 'cargo test',
    request: 'Parsing a Version from an empty string should have an error of its own: "empty string, expected a semver version".',
    source: ['src/error.rs', 'src/parse.rs'],
    tests: ['tests/test_version.rs'],
    install: ['cargo fetch --quiet'],
    byHand: 'cargo test --no-fail-fast',
  },
];
