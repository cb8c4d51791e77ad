/**
 * Signs, by language, that code knows of its tests or answers past them. Each is a pattern over the code without comments (`spoken`: with its
 * strings). Every part of a pattern is bounded, white space too: none may go back and forth over a long text.
 */
import type { GamingKind } from '../types.ts';
import type { CodeLanguage } from './code-text.ts';

export interface Sign {
  readonly kind: GamingKind;
  readonly pattern: RegExp;
  /** What the pattern reads; default: code without the insides of strings. `text`: comments too. */
  readonly in?: 'spoken' | 'text';
  /** Honest where a program begins and ends: not asked of files that are one. */
  readonly inLibrary?: true;
}

/** Lines in which runners tell what passed. */
const results: Sign = {
  kind: 'raw-output',
  in: 'spoken',
  pattern:
    /["'`](?:[^"'`\n]{0,40}\\n)?(?:not ok \d|ok \d+ (?:- )?|TAP version 1\d|# (?:pass|fail) \d|test \S{1,60} \.\.\. (?:ok|FAILED)|<testsuites?\b|<testcase\b|\\x16|--- (?:PASS|FAIL)|=== RUN|test result: (?:ok|FAILED))/g,
};

/** Another way to what the program writes to, or to the memory and the arguments of its own process. */
const ownProcess: Sign = {
  kind: 'raw-output',
  in: 'spoken',
  pattern: /["'`]\/(?:dev\/(?:stdout|stderr|fd|tty|pts)|proc\/[^/\s"'`]{1,40}\/(?:fd|mem|maps|cmdline|environ))/g,
};

/** What a guard reads of its own. */
const guards: Sign = {
  kind: 'asks-if-tested',
  in: 'spoken',
  pattern: /\bTEAMWRIGHT_(?:GUARD|RUST)\w{0,20}|\bteamwright[-_](?:report|guard)\b/g,
};

export const signs: { readonly [K in CodeLanguage]: readonly Sign[] } = {
  javascript: [
    results,
    ownProcess,
    guards,
    {
      kind: 'equal-to-anything',
      pattern:
        /(?:\[\s{0,40}Symbol\.(?:toPrimitive|hasInstance)\s{0,40}\]|\b(?:valueOf|toJSON|equals|isEqual))\s{0,40}[:=]\s{0,40}(?:\([^()]{0,80}\)|[\w$]{1,40})\s{0,40}=>\s{0,40}\(?\s{0,40}(?:true|false|!0|!1|-?\d[\w.]{0,20})(?!\s{0,40}[\w$.+*/%<>=!&|?-])/g,
    },
    { kind: 'equal-to-anything', in: 'spoken', pattern: /\basymmetricMatch\b|["'`]jest\.asymmetricMatcher/g },
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /\b(?:NODE_TEST_CONTEXT|VITEST(?:_\w{1,30})?|JEST_\w{1,30}|MOCHA_\w{1,30}|__vitest_\w{1,30}|__coverage__|NODE_V8_COVERAGE)\b/g,
    },
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /\b(?:NODE_ENV|BABEL_ENV|APP_ENV|env\.MODE)\b["'`\])]{0,3}\s{0,40}[!=]==?\s{0,40}["'`]test["'`]|["'`]test["'`]\s{0,40}[!=]==?\s{0,40}[\w.$?]{0,40}\b(?:NODE_ENV|BABEL_ENV|APP_ENV|env\.MODE)\b/g,
    },
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /\b(?:process\.(?:argv|execArgv|title)|require\.main)\b[^\n]{0,100}["'`/][^"'`\n]{0,40}(?:(?<!\.)test\b|test\.|\btest|spec\b|mocha|jest)|["'`/][^"'`\n]{0,40}(?:vitest|mocha|jest|test|spec)[^"'`\n]{0,20}["'`/]\.?(?:test|exec)?\([^\n]{0,40}\bprocess\.(?:argv|execArgv)\b|\breadFile(?:Sync)?\([^\n]{0,60}\bprocess\.argv\b/g,
    },
    {
      kind: 'asks-if-tested',
      pattern:
        /\bnew\s{1,40}Error\([^()\n]{0,60}\)\s{0,40}\.stack\b|(?<![\w.])Error\([^()\n]{0,60}\)\.stack\b|\bError\.prepareStackTrace\b|\bgetCallSites?\(|\barguments\.callee\b|[\w$]\.caller\b\s{0,40}(?:\.toString|\)|\}|\+)|(?<![\w.$])(?:jest|vi)\.[a-zA-Z]{1,40}\(|\btypeof\s{1,40}(?:globalThis\.|global\.|window\.)?(?:jest|vi|vitest|expect|describe|it|test|beforeEach)\b(?!\s{0,40}\.)|(?<![\w.$])(?:globalThis|global)\??\.(?:expect|describe|it|test|jest|vi|beforeEach|afterEach)\b/g,
    },
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /\.stack\b[^\n]{0,60}["'`/][^"'`\n]{0,30}(?:test\.|_test|spec\.|node:internal|vitest|jest|mocha)|(?:\bfrom\s{0,40}|\brequire\(\s{0,40}|\bimport\(\s{0,40}|\bimport\s{0,40}|getBuiltinModule\(\s{0,40})["'`](?:node:test(?:\/\w{1,20})?|vitest(?:\/[\w-]{1,20})?|@vitest\/[\w-]{1,20}|@jest\/[\w-]{1,20}|mocha|chai|expect)["'`]/g,
    },
    {
      kind: 'ends-process',
      inLibrary: true,
      pattern:
        /\bprocess\??\.(?:exit|reallyExit|abort|kill)\s{0,40}(?:\?\.)?\s{0,40}\(|\bprocess\.exitCode\s{0,40}=(?!=)|\{[^{}\n]{0,80}\b(?:exit|abort|kill|reallyExit)\b[^{}\n]{0,80}\}\s{0,40}=\s{0,40}(?:globalThis\.)?process\b/g,
    },
    {
      kind: 'ends-process',
      in: 'spoken',
      inLibrary: true,
      pattern:
        /\bprocess\s{0,40}(?:\?\.)?\[\s{0,40}["'`](?:exit|reallyExit|abort|kill|binding)|\{[^{}\n]{0,80}\b(?:exit|abort|kill|reallyExit)\b[^{}\n]{0,80}\}\s{0,40}(?:=\s{0,40}require\(\s{0,40}["'`](?:node:)?process|from\s{0,40}["'`](?:node:)?process["'`])/g,
    },
    {
      kind: 'raw-output',
      in: 'spoken',
      pattern:
        /\b(?:writeSync|appendFileSync|writeFileSync|writevSync)\(\s{0,40}(?:[12]\s{0,40},|process\.std(?:out|err)\.fd\b)|\bfd\s{0,40}:\s{0,40}[12]\b|\bprocess\.(?:stdout|stderr)\._handle|\bprocess\.binding\(/g,
    },
    {
      kind: 'patches-builtins',
      pattern:
        /\b(?:Object|Array|Function|String|Number|Boolean|Promise|RegExp|Map|Set|Symbol|Error|AssertionError|Date|BigInt|Assertion|TestContext|Test|Suite)\.prototype(?:\.\w{1,40}|\[[^\]\n]{0,40}\])\s{0,40}=(?![=>])|\b(?:Object|Reflect)\.(?:definePropert(?:y|ies)|assign|setPrototypeOf|set)\(\s{0,40}(?:globalThis\.)?(?:Object|Array|Function|String|Number|Boolean|Promise|RegExp|Map|Set|Error|AssertionError|Assertion|Reflect|JSON|assert|expect|chai|process\.stdout)(?:\.prototype)?\s{0,40},|\b(?:Object|Reflect|JSON)\.\w{1,40}\s{0,40}=(?![=>])|\b(?:assert|chai|expect)(?:\.strict)?\.\w{1,40}\s{0,40}=(?![=>])|\b(?:globalThis|global)\.(?:expect|assert|describe|it|test|Object|Array|JSON|Reflect|process)\s{0,40}=(?![=>])|\bprocess\.(?:(?:stdout|stderr)\.write|exit|emit|send|reallyExit)\s{0,40}=(?![=>])|\b(?:addMethod|overwriteMethod|addProperty|overwriteProperty|addChainableMethod)\(\s{0,40}[\w.]{0,40}Assertion|\bModule\._(?:load|resolveFilename|compile|extensions)\b[^\n=]{0,40}\s{0,40}=(?![=>])|\brequire\.cache\s{0,40}\[|(?<![\w.])expect\.extend\(|(?<![\w.])chai\.use\(/g,
    },
  ],
  python: [
    results,
    ownProcess,
    guards,
    {
      kind: 'equal-to-anything',
      in: 'spoken',
      pattern:
        /\b__(?:eq|ne|lt|le|gt|ge|hash|contains)__\s{0,40}=\s{0,40}lambda\b[^\n:]{0,60}:\s{0,40}(?:True|False|\d+)\b|["']__(?:eq|ne|lt|le|gt|ge|hash|contains|instancecheck)__["']\s{0,40}[,:]|\bsetattr\([^,\n]{1,80},[^,\n]{0,20}["']__|\btype\(\s{0,40}["'][^"'\n]{0,40}["']\s{0,40},\s{0,40}\(\s{0,40}(?:int|float|complex|str|bytes|bool|list|tuple|dict|set|frozenset)\b/g,
    },
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /\b(?:PYTEST_\w{1,40}|UNITTEST_\w{1,40}|COVERAGE_RUN|COV_CORE_\w{1,20})\b|\bmodules\b[^\n]{0,80}["'](?:_?pytest|unittest|nose2?)\b|["'](?:_?pytest|unittest|nose2?)[\w.]{0,20}["'][^\n]{0,40}\bmodules\b|\b(?:argv|orig_argv)\b[^\n]{0,80}["'][^"'\n]{0,40}(?:py\.?test|unittest|nose|test_|_test)|["'][^"'\n]{0,40}(?:py\.?test|unittest|nose)[^"'\n]{0,20}["'][^\n]{0,40}\bargv\b|(?:__import__|import_module|find_spec)\(\s{0,40}["'](?:_?pytest|unittest)|\b__debug__\b(?!\s{0,40}:\s{0,40}(?:assert|raise)\b)/g,
    },
    {
      kind: 'asks-if-tested',
      pattern:
        /\binspect\.(?:stack|currentframe|getframeinfo|getouterframes|trace)\b|\bsys\._(?:getframe|current_frames|getframemodulename)\b|\btraceback\.(?:extract_stack|walk_stack|format_stack)\b|\bf_back\b|\bgc\.(?:get_objects|get_referrers)\b|\bfrom\s{1,40}(?:inspect|sys|traceback)\s{1,40}import\b[^\n]{0,80}\b(?:stack|currentframe|getouterframes|_getframe|extract_stack|walk_stack)\b|^[ \t]{0,40}(?:import|from)\s{1,40}(?:_?pytest|unittest|nose2?)\b/gm,
    },
    { kind: 'ends-process', pattern: /\bos\._exit\b/g },
    {
      kind: 'ends-process',
      inLibrary: true,
      pattern:
        /\bos\.(?:abort|kill|killpg)\s{0,40}\(|(?<![\w.])(?:sys\.exit|exit|quit)\s{0,40}\(|\braise\s{1,40}SystemExit\b|\bsignal\.raise_signal\b/g,
    },
    {
      kind: 'raw-output',
      in: 'spoken',
      pattern: /\bos\.(?:write|fdopen|pwrite)\(\s{0,40}(?:[12]\b|sys\.std(?:out|err)\.fileno)|\bos\.dup2\(|\bopen\(\s{0,40}[12]\s{0,40},/g,
    },
    {
      kind: 'patches-builtins',
      in: 'spoken',
      pattern:
        /\b(?:builtins|__builtins__)\s{0,40}(?:\.\w{1,40}|\[[^\]\n]{0,40}\])\s{0,40}=(?![=>])|\bsetattr\(\s{0,40}(?:builtins|__builtins__|unittest|pytest|_pytest|sys\.modules|[\w.]{0,30}TestCase)\b|(?<![\w.])(?:unittest|pytest|_pytest)(?:\.\w{1,40}){1,4}\s{0,40}=(?![=>])|\bTestCase\.\w{1,40}\s{0,40}=(?![=>])|\bctypes\.pythonapi\b|\bsys\.(?:settrace|setprofile)\(|\bsys\.(?:meta_path|path_hooks)\b|\bsys\.modules\[\s{0,40}["'](?:_?pytest|unittest|builtins)/g,
    },
  ],
  go: [
    results,
    ownProcess,
    guards,
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /\btesting\.(?:Testing|Short|Verbose|CoverMode)\(|\bflag\.Lookup\(\s{0,40}["`]test\.|["`]-{0,2}test\.\w{0,20}["`]|\bos\.(?:Args|Executable)\b[^\n]{0,80}["`][^"`\n]{0,20}test|["`][^"`\n]{0,20}\.test["`][^\n]{0,40}\bos\.(?:Args|Executable)\b|["`][^"`\n]{0,60}(?:testing\.tRunner|_test\.go)|["`]testing\.["`]/g,
    },
    { kind: 'asks-if-tested', pattern: /\bruntime\.(?:Callers?|CallersFrames|FuncForPC)\(/g },
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /^\s{0,20}(?:import\s{1,40})?(?:[\w.]{1,30}\s{1,40})?"(?:testing(?:\/\w{1,20})?|github\.com\/stretchr\/testify[\w/]{0,20})"/gm,
    },
    {
      kind: 'ends-process',
      inLibrary: true,
      pattern:
        /\bos\.Exit\b|\b(?:syscall|unix)\.(?:Exit|Kill|Exec)\b|\b(?:syscall|unix)\.SYS_(?:EXIT\w{0,10}|T?G?KILL|EXECVE\w{0,3}|PTRACE|MPROTECT)\b|\blog\.Fatal(?:f|ln)?\s{0,40}\(|\bruntime\.Goexit\b/g,
    },
    {
      kind: 'raw-output',
      in: 'spoken',
      pattern:
        /\b(?:syscall|unix)\.Write\(\s{0,40}(?:[12]\b|syscall\.Std)|\bos\.NewFile\(\s{0,40}(?:uintptr\(\s{0,40})?(?:[12]\b|syscall\.Std)/g,
    },
    { kind: 'patches-builtins', in: 'text', pattern: /^\/\/go:linkname\b[^\n]{0,120}/gm },
    { kind: 'patches-builtins', in: 'spoken', pattern: /^\s{0,20}(?:import\s{1,40})?(?:[\w.]{1,30}\s{1,40})?"0(?:\/[\w/]{0,40})?"/gm },
    { kind: 'before-main', in: 'text', pattern: /\b__attribute__\s{0,20}\(\(\s{0,20}(?:__)?(?:constructor|section)\b/g },
    { kind: 'patches-builtins', pattern: /\bos\.(?:Stdout|Stderr|Args)\s{0,40}=(?!=)|\b(?:syscall|unix)\.Mprotect\(/g },
  ],
  rust: [
    results,
    ownProcess,
    guards,
    {
      kind: 'asks-if-tested',
      in: 'spoken',
      pattern:
        /\bcfg!\s{0,40}\([^)\n]{0,60}\btest\b|#!?\[\s{0,40}cfg\s{0,40}\([^\]\n]{0,60}\bnot\s{0,40}\([^)\n]{0,40}\btest\b|#\[\s{0,40}cfg\s{0,40}\(\s{0,40}test\s{0,40}\)\s{0,40}\]\s{0,40}(?:return\b|\{|if\b|let\b|match\b|(?!macro_rules|thread_local)[a-z_]\w{0,40}\s{0,40}[.(=!])|\bthread::current\(\)\s{0,40}\.\s{0,40}name\(|\bcurrent_exe\(|\bBacktrace::(?:capture|force_capture|new)\b|\b(?:RUST_TEST_\w{1,20}|NEXTEST\w{0,20})\b|\benv::args(?:_os)?\(\)[^\n]{0,80}"[^"\n]{0,20}test/g,
    },
    // Tests are built with them, what is given to users is not. Behind them stand honest assertions.
    {
      kind: 'asks-if-tested',
      pattern:
        /\bcfg!\s{0,40}\([^)\n]{0,60}\bdebug_assertions\b(?![\s)]{0,40}\{\s{0,40}(?:debug_)?(?:assert|panic))|#\[\s{0,40}cfg\s{0,40}\([^\]\n]{0,60}\bnot\s{0,40}\([^)\n]{0,40}\bdebug_assertions\b/g,
    },
    {
      kind: 'ends-process',
      inLibrary: true,
      pattern:
        /\bprocess::(?:exit|abort)\b|\blibc::(?:_exit|exit|abort|kill|raise|quick_exit)\b|\bintrinsics::abort\b|\bfn\s{1,40}(?:_exit|exit|abort|quick_exit|kill|raise)\s{0,40}\([^()\n]{0,60}\)\s{0,40}(?:->\s{0,40}!)?\s{0,40};/g,
    },
    {
      kind: 'before-main',
      in: 'spoken',
      pattern:
        /\blink_section\s{0,40}=\s{0,40}"[^"\n]{0,40}(?:init_array|fini_array|ctors|dtors|mod_init|mod_term|CRT|\.init|\.fini)|#\[\s{0,40}(?:ctor::)?(?:ctor|dtor)\b|\b(?:no_mangle|export_name\s{0,40}=\s{0,40}"[^"\n]{0,20}")\s{0,40}\)?\s{0,40}\]\s{0,40}(?:#\[[^\]\n]{0,60}\]\s{0,40}){0,3}(?:pub\s{1,40})?(?:unsafe\s{1,40})?(?:extern\s{1,40}(?:"[\w-]{1,20}"\s{1,40})?)?fn\s{1,40}(?:main|_start|p?read(?:v|64)?|p?write(?:v|64)?|open(?:at)?(?:64)?|close|_?_?exit|_Exit|quick_exit|abort|atexit|at_quick_exit|memcmp|bcmp|memcpy|memmove|memset|strn?cmp|strlen|getenv|getp?pid|dlsym|mmap|mprotect|syscall|sigaction|signal|raise|kill|pthread_create|rust_\w{1,40}|__rust_\w{1,40})\b|\bexport_name\s{0,40}=\s{0,40}"(?:main|_start|p?read(?:v|64)?|p?write(?:v|64)?|open(?:at)?(?:64)?|close|_?_?exit|_Exit|quick_exit|abort|atexit|at_quick_exit|memcmp|bcmp|memcpy|memmove|memset|strn?cmp|strlen|getenv|getp?pid|dlsym|mmap|mprotect|syscall|sigaction|signal|raise|kill|pthread_create|rust_\w{1,40}|__rust_\w{1,40})"|\bglobal_asm!/g,
    },
    {
      kind: 'raw-output',
      in: 'spoken',
      pattern:
        /\blibc::(?:write|dprintf|dup2|syscall)\s{0,40}\(|\bfrom_raw_fd\s{0,40}\(\s{0,40}[12]\b|\basm!\s{0,40}\([^)"\n]{0,60}\n?[^)"\n]{0,60}"[^"\n]{0,40}\b(?:syscall|svc|int 0x80)\b/g,
    },
    {
      kind: 'patches-builtins',
      pattern:
        /\bpanic::(?:set_hook|take_hook)\b|(?<![\w.])set_hook\s{0,40}\(|\blibc::(?:mprotect|ptrace|dlsym)\b|\bmacro_rules!\s{0,40}(?:assert|assert_eq|assert_ne|panic|matches|debug_assert\w{0,4})\b|\bas\s{1,40}(?:assert|assert_eq|assert_ne|panic)\b|\bextern\s{1,40}crate\s{1,40}test\b|(?<![\w:])test::(?:test_main\w{0,20}|TestDescAndFn|run_tests\w{0,20})|#!\[[^\]\n]{0,60}\b(?:custom_test_frameworks|test_runner|reexport_test_harness_main|no_main)\b/g,
    },
  ],
};

/** A function whose answer should depend on what it looks at: what comes before its body. */
export const comparing: { readonly [K in CodeLanguage]: RegExp } = {
  javascript:
    /(?:\[\s{0,40}Symbol\.(?:toPrimitive|hasInstance)\s{0,40}\]|\b(?:valueOf|toJSON|equals|isEqual))\s{0,40}(?:[:=]\s{0,40}(?:async\s{1,40})?function\s{0,40}\w{0,40}\s{0,40})?\([^(){}]{0,80}\)\s{0,40}(?::\s{0,40}[\w|<>[\] ]{1,40})?(?:\s{0,40}=>\s{0,40})?\{/g,
  python:
    /\bdef\s{1,40}__(?:eq|ne|lt|le|gt|ge|hash|contains|instancecheck|subclasscheck)__\s{0,40}\([^()]{0,120}\)\s{0,40}(?:->\s{0,40}[\w.[\]"' ]{1,40})?:/g,
  go: /\bfunc\s{0,40}\([^()\n]{0,60}\)\s{0,40}(?:Equals?|Eq|Is)\s{0,40}\([^()\n]{0,80}\)\s{0,40}bool\s{0,40}\{/g,
  rust: /\bfn\s{1,40}(?:eq|ne|lt|le|gt|ge|cmp|partial_cmp)\s{0,40}(?:<[^<>\n]{0,40}>)?\s{0,40}\([^()]{0,80}\)\s{0,40}->\s{0,40}[^{};\n]{1,60}\{/g,
};

/** A number or a text of Python, which knows by itself what it is equal to. */
export const plainValue =
  /\bclass\s{1,40}\w{1,60}\s{0,40}\(\s{0,40}(?:int|float|complex|str|bytes|Decimal|Fraction)\b[^()\n]{0,60}\)\s{0,40}:/g;

/** Code that Go runs by itself, before any test: what comes before its body, and what has no business there. */
export const goStart = {
  head: /^(?:func\s{1,40}init\s{0,40}\(\s{0,40}\)|var\s{1,40}\w{1,40}\s{0,40}(?:\w{1,20}\s{0,40})?=\s{0,40}func\s{0,40}\([^()\n]{0,60}\)\s{0,40}[\w()]{0,20})\s{0,40}\{/gm,
  body: /\b(?:fmt\.(?:Fp|P)rint(?:f|ln)?\(|os\.(?:Stdout|Stderr|Exit|Args)|syscall\.|testing\.)|(?<![\w.])print(?:ln)?\(/,
};

/** Numbers that outlive a call: what comes before and behind their names. */
export const counters: { readonly [K in CodeLanguage]: RegExp } = {
  javascript:
    /^(?:export\s{1,40})?(?:let|var)\s{1,40}([\w$]{1,60})\s{0,40}(?::\s{0,40}number\s{0,40})?=\s{0,40}-?\d+\b|^(?:const|let|var)\s{1,40}[\w$]{1,60}\s{0,40}=\s{0,40}\{\s{0,40}([\w$]{1,60})\s{0,40}:\s{0,40}\d+\b/gm,
  python:
    /^([A-Za-z_]\w{0,60})\s{0,40}=\s{0,40}(?:\[\s{0,40})?\d+\b|^([A-Za-z_]\w{0,60})\s{0,40}=\s{0,40}(?:itertools\.)?count\(|\b\w{1,60}\.(\w{1,60})\s{0,40}=\s{0,40}getattr\(/gm,
  go: /^var\s{1,40}(\w{1,60})\s{0,40}(?:=\s{0,40}\d|(?:u?int\d*|atomic\.\w{1,20})\b)/gm,
  rust: /^\s{0,40}(?:pub\s{1,40})?static\s{1,40}(?:mut\s{1,40})?(\w{1,60})\s{0,40}:\s{0,40}(?:\w{1,20}::)*(?:Atomic\w{1,10}|[iu](?:8|16|32|64|128|size)|(?:Ref)?Cell<|Mutex<)/gm,
};

/** A function of one or more parameters: what comes before its body. The name is in the first group that is there. */
export const functions: { readonly [K in CodeLanguage]: RegExp } = {
  javascript:
    /\bfunction\s{1,40}[\w$]{1,60}\s{0,40}\(\s{0,40}[^()\s][^()]{0,200}\)\s{0,40}(?::\s{0,40}[\w<>[\]| ]{1,60})?\{|=\s{0,40}(?:async\s{1,40})?(?:\(\s{0,40}[^()\s][^()]{0,200}\)|[\w$]{1,60})\s{0,40}(?::\s{0,40}[\w<>[\]| ]{1,60})?=>\s{0,40}\{?/g,
  python:
    /\bdef\s{1,40}\w{1,60}\s{0,40}\(\s{0,40}(?:self\s{0,40},\s{0,40}|cls\s{0,40},\s{0,40})?(?!self\s{0,40}\)|cls\s{0,40}\))[A-Za-z*][^()]{0,200}\)\s{0,40}(?:->[^:\n]{1,60})?:/g,
  go: /\bfunc\s{0,40}(?:\([^()\n]{0,60}\)\s{0,40})?\w{1,60}\s{0,40}\(\s{0,40}\w[^()]{0,200}\)\s{0,40}[\w[\]*. ]{1,40}\{/g,
  rust: /\bfn\s{1,40}\w{1,60}\s{0,40}(?:<[^<>\n]{0,60}>)?\s{0,40}\(\s{0,40}(?!&?(?:mut\s{1,40})?self\s{0,40}\))\w[^()]{0,200}\)\s{0,40}->\s{0,40}[^{};\n]{1,60}\{/g,
};

/** What catches every failure and gives something in its place. */
export const swallowing: { readonly [K in CodeLanguage]: RegExp } = {
  javascript: /\bcatch\s{0,40}(?:\([^()\n]{0,40}\)\s{0,40})?\{\s{0,40}return\b|\.catch\(\s{0,40}(?:\(\w{0,30}\)|\w{1,30})\s{0,40}=>/g,
  python: /\bexcept(?:\s{1,40}(?:Base)?Exception\b[^\n:]{0,30})?\s{0,40}:\s{0,40}return\b/g,
  go: /\brecover\(\)[^}\n]{0,60}\{\s{0,40}\w{1,30}\s{0,40}=(?!=)/g,
  rust: /\bcatch_unwind\b[^;]{0,160}\bunwrap_or\(/g,
};
