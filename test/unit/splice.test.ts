/** A part that was written anew, put into its file: many shapes of code, read by the real grammars. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { partsOf } from '../../src/syntax/parts.ts';
import { splicePart } from '../../src/syntax/splice.ts';

/** The whole file with the reply in place of the part, or the doubt. */
async function splice(path: string, text: string, name: string, written: string): Promise<string> {
  const found = await partsOf(path, text);
  const part = found?.parts.find((one) => one.name === name || one.name.endsWith(`.${name}`));
  if (part === undefined) throw new Error(`there is no part ${name} in ${found?.parts.map((one) => one.name).join(', ')}`);
  const result = await splicePart(path, text, part, written);
  return 'text' in result ? result.text : `DOUBT ${result.doubt}`;
}

interface Shape {
  readonly what: string;
  readonly path: string;
  readonly file: string;
  readonly part: string;
  readonly reply: string;
  /** The file afterwards, or what the doubt says. */
  readonly gives: string | RegExp;
}

/** In all of them the old part says `OLD` and what is written `NEW`; the rest of the file must stay. */
const replaced = (shape: Omit<Shape, 'gives' | 'reply'> & { reply?: string }): Shape => {
  const gives = shape.file.replace('OLD', 'NEW');
  return { reply: gives, ...shape, gives };
};

const boxPy =
  'import os\n\n\nclass Box(Base):\n    """A box."""\n\n    x = 1\n\n    def add(self, n):\n        if n:\n            return OLD\n        return 1\n\n    def other(self):\n        return 2\n\n\ndef last():\n    return 3\n';
const boxTs =
  "import { a } from './a.ts';\n\nexport class Box extends Base {\n  x = 1;\n\n  /** Adds. */\n  add(n: number): number {\n    return OLD;\n  }\n\n  other() {\n    return 2;\n  }\n}\n\nexport const last = () => 3;\n";

const shapes: readonly Shape[] = [
  // ---- Python
  replaced({
    what: 'a method as it stands in the file',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply: '    def add(self, n):\n        if n:\n            return NEW\n        return 1',
  }),
  replaced({
    what: 'a method without its indentation',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply: 'def add(self, n):\n    if n:\n        return NEW\n    return 1\n',
  }),
  replaced({
    what: 'a method whose first line alone lost it',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply: 'def add(self, n):\n        if n:\n            return NEW\n        return 1',
  }),
  replaced({
    what: 'a method in its class',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply: 'class Box(Base):\n    def add(self, n):\n        if n:\n            return NEW\n        return 1\n',
  }),
  replaced({
    what: 'a method in its class, the rest as dots',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply:
      'class Box:\n    ...\n\n    def add(self, n):\n        if n:\n            return NEW\n        return 1\n\n    # the other methods\n',
  }),
  replaced({ what: 'a method in the whole file', path: 'a.py', file: boxPy, part: 'Box.add' }),
  {
    what: 'a method with one that it newly needs',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply: 'def _half(self):\n    return 5\n\ndef add(self, n):\n    return self._half()\n',
    gives: boxPy.replace(
      '    def add(self, n):\n        if n:\n            return OLD\n        return 1\n',
      '    def _half(self):\n        return 5\n\n    def add(self, n):\n        return self._half()\n',
    ),
  },
  {
    what: 'a method with a function and an import that it newly needs',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply:
      'import math\nimport os\n\ndef half(n):\n    return n / 2\n\nclass Box(Base):\n    def add(self, n):\n        return math.floor(half(n))\n',
    gives: boxPy
      .replace('import os\n', 'import os\nimport math\n')
      .replace('class Box', 'def half(n):\n    return n / 2\n\n\nclass Box')
      .replace('        if n:\n            return OLD\n        return 1\n', '        return math.floor(half(n))\n'),
  },
  {
    what: 'an import where the file has none: below the text of the module',
    path: 'a.py',
    file: '#!/usr/bin/env python\n"""Says."""\n\n\ndef f():\n    return OLD\n',
    part: 'f',
    reply: 'from math import floor\n\ndef f():\n    return floor(1)\n',
    gives: '#!/usr/bin/env python\n"""Says."""\n\n\nfrom math import floor\n\ndef f():\n    return floor(1)\n',
  },
  {
    what: 'of an import of several names those that are new',
    path: 'a.py',
    file: 'from a import b\n\ndef f():\n    return OLD\n',
    part: 'f',
    reply: 'from a import b, c\n\ndef f():\n    return c\n',
    gives: 'from a import b\nfrom a import c\n\ndef f():\n    return c\n',
  },
  {
    what: 'a decorator and a comment that the reply leaves out stay',
    path: 'a.py',
    file: '# about f\n@cached\n@other(1)\ndef f():\n    return OLD\n',
    part: 'f',
    reply: 'def f():\n    return NEW\n',
    gives: '# about f\n@cached\n@other(1)\ndef f():\n    return NEW\n',
  },
  {
    what: 'a decorator that the reply changes is changed, the comment stays',
    path: 'a.py',
    file: '# about f\n@cached\ndef f():\n    return OLD\n',
    part: 'f',
    reply: '@cached(2)\ndef f():\n    return NEW\n',
    gives: '# about f\n@cached(2)\ndef f():\n    return NEW\n',
  },
  {
    what: 'a comment that the reply changes is changed, the decorator stays',
    path: 'a.py',
    file: 'class A:\n    # about f\n    @cached\n    def f(self):\n        return OLD\n',
    part: 'A.f',
    reply: '# better\ndef f(self):\n    return NEW\n',
    gives: 'class A:\n    # better\n    @cached\n    def f(self):\n        return NEW\n',
  },
  replaced({
    what: 'an async function',
    path: 'a.py',
    file: 'x = 1\n\nasync def f():\n    await OLD\n\ny = 2\n',
    part: 'f',
    reply: 'async def f():\n    await NEW',
  }),
  replaced({
    what: 'an accessor with both of its definitions',
    path: 'a.py',
    file: 'class A:\n    @property\n    def x(self):\n        return OLD\n\n    @x.setter\n    def x(self, n):\n        self.y = n\n',
    part: 'A.x',
    reply: '@property\ndef x(self):\n    return NEW\n\n@x.setter\ndef x(self, n):\n    self.y = n\n',
  }),
  {
    what: 'of an accessor only one definition',
    path: 'a.py',
    file: 'class A:\n    @property\n    def x(self):\n        return OLD\n\n    @x.setter\n    def x(self, n):\n        self.y = n\n',
    part: 'A.x',
    reply: '@property\ndef x(self):\n    return NEW\n',
    gives: /A\.x has 2 definitions, and the code holds 1/,
  },
  replaced({
    what: 'lines of a text in quotes keep their blanks',
    path: 'a.py',
    file: 'class A:\n    def f(self):\n        return """\nOLD\n  b\n"""\n',
    part: 'A.f',
    reply: 'def f(self):\n    return """\nNEW\n  b\n"""\n',
  }),
  replaced({
    what: 'a text in quotes that was moved with its function moves back',
    path: 'a.py',
    file: 'class A:\n    def f(self):\n        return dedent("""\n            b\n            """), OLD\n',
    part: 'A.f',
    reply: 'def f(self):\n    return dedent("""\n        b\n        """), NEW\n',
  }),
  replaced({
    what: 'a docstring moves with its function',
    path: 'a.py',
    file: 'class A:\n    def f(self):\n        """Says.\n\n        OLD\n        """\n',
    part: 'A.f',
    reply: 'def f(self):\n    """Says.\n\n    NEW\n    """\n',
  }),
  replaced({
    what: 'tabs, written with spaces',
    path: 'a.py',
    file: 'class A:\n\tdef f(self):\n\t\tif x:\n\t\t\treturn OLD\n',
    part: 'A.f',
    reply: '    def f(self):\n        if x:\n            return NEW\n',
  }),
  replaced({
    what: 'a function below a condition',
    path: 'a.py',
    file: 'if x:\n    def f():\n        return OLD\nelse:\n    g = 1\n',
    part: 'f',
    reply: 'def f():\n    return NEW\n',
  }),
  replaced({
    what: 'a class whole',
    path: 'a.py',
    file: boxPy,
    part: 'Box',
    reply:
      'class Box(Base):\n    """A box."""\n\n    x = 1\n\n    def add(self, n):\n        if n:\n            return NEW\n        return 1\n\n    def other(self):\n        return 2\n',
  }),
  replaced({
    what: 'a function with type parameters',
    path: 'a.py',
    file: 'def f[T](x: T) -> T:\n    return OLD\n',
    part: 'f',
    reply: 'def f[T](x: T) -> T:\n    return NEW\n',
  }),
  {
    what: 'a file without a last line feed',
    path: 'a.py',
    file: 'def f():\n    return OLD',
    part: 'f',
    reply: 'def f():\n    return NEW\n\n\n',
    gives: 'def f():\n    return NEW',
  },
  {
    what: 'another function',
    path: 'a.py',
    file: boxPy,
    part: 'last',
    reply: 'def lasts():\n    return NEW\n',
    gives: /does not hold last/,
  },
  {
    what: 'two versions',
    path: 'a.py',
    file: boxPy,
    part: 'last',
    reply: 'def last():\n    return 4\n\ndef last():\n    return 5\n',
    gives: /last more than once/,
  },
  {
    what: 'another part changed as well',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply: 'class Box(Base):\n    def add(self, n):\n        return 4\n\n    def other(self):\n        return 9\n',
    gives: /changes Box\.other as well/,
  },
  {
    what: 'an example of its use',
    path: 'a.py',
    file: boxPy,
    part: 'last',
    reply: 'def last():\n    return 4\n\nprint(last())\n',
    gives: /more than was asked for: print\(last\(\)\)/,
  },
  {
    what: 'an import that binds a name to something else',
    path: 'a.py',
    file: 'import datetime\n\ndef f():\n    return OLD\n',
    part: 'f',
    reply: 'from datetime import datetime\n\ndef f():\n    return datetime.now()\n',
    gives: /imports datetime from another place/,
  },
  {
    what: 'code that breaks off',
    path: 'a.py',
    file: boxPy,
    part: 'last',
    reply: 'def last():\n    return foo(1,\n',
    gives: /cannot be read as Python/,
  },
  {
    what: 'a sentence',
    path: 'a.py',
    file: boxPy,
    part: 'last',
    reply: 'I would change the return value.\n',
    gives: /cannot be read as Python/,
  },
  { what: 'nothing', path: 'a.py', file: boxPy, part: 'last', reply: '', gives: /does not hold last/ },
  {
    what: 'a class with another base',
    path: 'a.py',
    file: boxPy,
    part: 'Box.add',
    reply: 'class Box(Other):\n    def add(self, n):\n        return 4\n',
    gives: /changes the first line of Box/,
  },
  {
    what: 'a constant that is new',
    path: 'a.py',
    file: 'import os\n\ndef f():\n    return OLD\n',
    part: 'f',
    reply: 'LIMIT = 3\n\ndef f():\n    return LIMIT\n',
    gives: 'import os\n\nLIMIT = 3\n\n\ndef f():\n    return LIMIT\n',
  },
  {
    what: 'a constant that has another value',
    path: 'a.py',
    file: 'LIMIT = 2\n\ndef f():\n    return OLD\n',
    part: 'f',
    reply: 'LIMIT = 3\n\ndef f():\n    return LIMIT\n',
    gives: /changes LIMIT as well/,
  },

  // ---- TypeScript and JavaScript
  replaced({
    what: 'a method without its indentation',
    path: 'a.ts',
    file: boxTs,
    part: 'Box.add',
    reply: '/** Adds. */\nadd(n: number): number {\n  return NEW;\n}',
  }),
  replaced({
    what: 'a method whose first line alone lost it',
    path: 'a.ts',
    file: boxTs,
    part: 'Box.add',
    reply: '/** Adds. */\n  add(n: number): number {\n    return NEW;\n  }',
  }),
  replaced({
    what: 'a method in its class',
    path: 'a.ts',
    file: boxTs,
    part: 'Box.add',
    reply: 'export class Box extends Base {\n  // ... existing\n\n  add(n: number): number {\n    return NEW;\n  }\n}\n',
  }),
  replaced({ what: 'a method in the whole file', path: 'a.ts', file: boxTs, part: 'Box.add' }),
  {
    what: 'a method with one that it newly needs and an import',
    path: 'a.ts',
    file: boxTs,
    part: 'Box.add',
    reply:
      "import { a, b } from './a';\n\nadd(n: number): number {\n  return this.#half(b);\n}\n\n#half(n: number) {\n  return n / 2;\n}\n",
    gives: boxTs
      .replace("'./a.ts';\n", "'./a.ts';\nimport { b } from './a';\n")
      .replace('return OLD;\n  }\n', 'return this.#half(b);\n  }\n\n  #half(n: number) {\n    return n / 2;\n  }\n'),
  },
  {
    what: 'a function with a type and a helper that are new',
    path: 'a.ts',
    file: boxTs,
    part: 'last',
    reply: 'type Half = number;\nfunction half(): Half {\n  return 2;\n}\nconst last = () => half();',
    gives: boxTs.replace(
      'export const last = () => 3;',
      'type Half = number;\n\nfunction half(): Half {\n  return 2;\n}\n\nexport const last = () => half();',
    ),
  },
  replaced({
    what: 'export and its default stay',
    path: 'a.ts',
    file: '/** Says. */\nexport default async function f() {\n  return OLD;\n}\n',
    part: 'f',
    reply: 'async function f() {\n  return NEW;\n}',
  }),
  replaced({
    what: 'a function in a constant',
    path: 'a.ts',
    file: 'export const f = async (a: string): Promise<void> => {\n  await OLD;\n};\nconst b = 1;\n',
    part: 'f',
    reply: 'export const f = async (a: string): Promise<void> => {\n  await NEW;\n};',
  }),
  replaced({
    what: 'overloads',
    path: 'a.ts',
    file: 'function f(a: string): string;\nfunction f(a: number): number;\nfunction f(a: any) {\n  return OLD;\n}\n',
    part: 'f',
  }),
  replaced({
    what: 'a field that holds a function',
    path: 'a.ts',
    file: 'class A {\n  private f = (a: number) => {\n    return OLD;\n  };\n  b = 2;\n}\n',
    part: 'A.f',
    reply: 'private f = (a: number) => {\n  return NEW;\n};',
  }),
  replaced({
    what: 'a component of React',
    path: 'a.tsx',
    file: "import { useState } from 'react';\n\nexport function Box({ a }: Props) {\n  const [b] = useState(1);\n  return (\n    <div>\n      {a} OLD\n    </div>\n  );\n}\n",
    part: 'Box',
  }),
  replaced({
    what: 'a wrapped component',
    path: 'a.tsx',
    file: 'export const Box = memo(function Box() {\n  return <p>OLD</p>;\n});\n',
    part: 'Box',
  }),
  {
    what: 'a wrapped component without what wraps it',
    path: 'a.tsx',
    file: 'export const Box = memo(function Box() {\n  return <p>OLD</p>;\n});\n',
    part: 'Box',
    reply: 'function Box() {\n  return <p>NEW</p>;\n}',
    gives: /in the form that it has in the file: export const Box = memo/,
  },
  replaced({
    what: 'a member of exports',
    path: 'a.js',
    file: "'use strict';\nexports.f = function (a) {\n  return OLD;\n};\nexports.g = 1;\n",
    part: 'f',
    reply: 'exports.f = function (a) {\n  return NEW;\n};',
  }),
  {
    what: 'a member of exports as a function that nothing exports',
    path: 'a.js',
    file: 'exports.f = function (a) {\n  return OLD;\n};\n',
    part: 'f',
    reply: 'function f(a) {\n  return NEW;\n}',
    gives: /in the form that it has in the file: exports\.f/,
  },
  replaced({
    what: 'a method of an object',
    path: 'a.js',
    file: 'module.exports = {\n  f(a) {\n    return OLD;\n  },\n  g: 1,\n};\n',
    part: 'f',
    reply: 'f(a) {\n  return NEW;\n},',
  }),
  replaced({
    what: 'a function of an object in a constant',
    path: 'a.js',
    file: 'const api = {\n  f: async function (a) {\n    return OLD;\n  },\n  g: 1,\n};\n',
    part: 'api.f',
    reply: '  f: async function (a) {\n    return NEW;\n  }',
  }),
  replaced({
    what: 'a prototype',
    path: 'a.js',
    file: 'function A() {}\nA.prototype.f = function () {\n  return OLD;\n};\n',
    part: 'A.f',
    reply: 'A.prototype.f = function () {\n  return NEW;\n};',
  }),
  replaced({
    what: 'a function inside a module function',
    path: 'a.js',
    file: '(function () {\n  function f(a) {\n    return OLD;\n  }\n  f(1);\n})();\n',
    part: 'f',
    reply: 'function f(a) {\n  return NEW;\n}',
  }),
  replaced({
    what: 'an accessor',
    path: 'a.js',
    file: 'class A {\n  get x() {\n    return OLD;\n  }\n  set x(n) {\n    this.y = n;\n  }\n}\n',
    part: 'A.x',
    reply: 'get x() {\n  return NEW;\n}\nset x(n) {\n  this.y = n;\n}',
  }),
  replaced({
    what: 'a generator and a name that is computed',
    path: 'a.js',
    file: 'class A {\n  *[Symbol.iterator]() {\n    yield OLD;\n  }\n}\n',
    part: 'A.[Symbol.iterator]',
    reply: '*[Symbol.iterator]() {\n  yield NEW;\n}',
  }),
  replaced({
    what: 'CRLF',
    path: 'a.js',
    file: 'const a = 1;\r\nfunction f() {\r\n  return OLD;\r\n}\r\nf();\r\n',
    part: 'f',
    reply: 'function f() {\n  return NEW;\n}\n',
  }),
  replaced({
    what: 'tabs, written with two spaces',
    path: 'a.js',
    file: 'class A {\n\tf() {\n\t\tif (a) {\n\t\t\treturn OLD;\n\t\t}\n\t}\n}\n',
    part: 'A.f',
    reply: 'f() {\n  if (a) {\n    return NEW;\n  }\n}',
  }),
  replaced({
    what: 'two spaces, written with tabs',
    path: 'a.js',
    file: 'class A {\n  f() {\n    if (a) {\n      return OLD;\n    }\n  }\n}\n',
    part: 'A.f',
    reply: 'f() {\n\tif (a) {\n\t\treturn NEW;\n\t}\n}',
  }),
  replaced({
    what: 'a template keeps its blanks',
    path: 'a.js',
    file: 'class A {\n  f() {\n    return `\nOLD\n    b\n`;\n  }\n}\n',
    part: 'A.f',
    reply: 'f() {\n  return `\nNEW\n    b\n`;\n}',
  }),
  {
    what: 'a require that is new beside one that is there',
    path: 'a.js',
    file: "const fs = require('fs');\n\nfunction f() {\n  return OLD;\n}\n\nmodule.exports = { f };\n",
    part: 'f',
    reply:
      "const fs = require('fs');\nconst { join } = require('path');\n\nfunction f() {\n  return join('a');\n}\n\nmodule.exports = { f };\n",
    gives:
      "const fs = require('fs');\nconst { join } = require('path');\n\nfunction f() {\n  return join('a');\n}\n\nmodule.exports = { f };\n",
  },
  replaced({
    what: 'a file with a byte order mark',
    path: 'a.js',
    file: '\uFEFFfunction f() {\n  return OLD;\n}\n',
    part: 'f',
    reply: 'function f() {\n  return NEW;\n}',
  }),
  {
    what: 'a brace too many',
    path: 'a.js',
    file: 'class A {\n  f() {\n    return OLD;\n  }\n}\n',
    part: 'A.f',
    reply: 'f() {\n  return NEW;\n}\n}',
    gives: /cannot be read as JavaScript/,
  },
  {
    what: 'a name that the file imports from elsewhere',
    path: 'a.ts',
    file: "import { b } from './b.ts';\n\nfunction f() {\n  return OLD;\n}\n",
    part: 'f',
    reply: "import { b } from './c.ts';\n\nfunction f() {\n  return b;\n}",
    gives: /imports b from another place/,
  },
  replaced({
    what: 'a decorated method',
    path: 'a.ts',
    file: 'class A {\n  @log()\n  @other\n  f() {\n    return OLD;\n  }\n}\n',
    part: 'A.f',
    reply: 'f() {\n  return NEW;\n}',
  }),
  replaced({
    what: 'a namespace',
    path: 'a.ts',
    file: 'namespace A {\n  export function f() {\n    return OLD;\n  }\n}\n',
    part: 'A.f',
    reply: 'export function f() {\n  return NEW;\n}',
  }),

  // ---- Go
  replaced({
    what: 'a method',
    path: 'a.go',
    file: 'package a\n\n// Add adds.\nfunc (b *Box) Add(n int) int {\n\treturn OLD\n}\n\nfunc other() {}\n',
    part: 'Box.Add',
    reply: 'func (b *Box) Add(n int) int {\n    return NEW\n}',
  }),
  replaced({
    what: 'a function in the whole file',
    path: 'a.go',
    file: 'package a\n\nimport "fmt"\n\nfunc f() {\n\tfmt.Println(OLD)\n}\n',
    part: 'f',
  }),
  {
    what: 'an import into the list',
    path: 'a.go',
    file: 'package a\n\nimport (\n\t"fmt"\n)\n\nfunc f() {\n\tfmt.Println(OLD)\n}\n',
    part: 'f',
    reply: 'package a\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\nfunc f() {\n\tfmt.Println(strings.ToUpper("a"))\n}\n',
    gives: 'package a\n\nimport (\n\t"fmt"\n\t"strings"\n)\n\nfunc f() {\n\tfmt.Println(strings.ToUpper("a"))\n}\n',
  },
  {
    what: 'an import where there is none, and a helper',
    path: 'a.go',
    file: 'package a\n\nfunc f() int {\n\treturn OLD\n}\n',
    part: 'f',
    reply: 'import "math"\n\nfunc f() int {\n\treturn half()\n}\n\nfunc half() int {\n\treturn math.MaxInt\n}\n',
    gives: 'package a\n\nimport "math"\n\nfunc f() int {\n\treturn half()\n}\n\nfunc half() int {\n\treturn math.MaxInt\n}\n',
  },
  {
    what: 'a method without its receiver',
    path: 'a.go',
    file: 'package a\n\nfunc (b *Box) Add(n int) int {\n\treturn OLD\n}\n',
    part: 'Box.Add',
    reply: 'func Add(n int) int {\n\treturn 2\n}',
    gives: /in the form that it has in the file: func \(b \*Box\)/,
  },
  replaced({
    what: 'a struct',
    path: 'a.go',
    file: 'package a\n\n// Box holds.\ntype Box[T any] struct {\n\ta T // OLD\n}\n',
    part: 'Box',
    reply: 'type Box[T any] struct {\n\ta T // NEW\n}',
  }),

  // ---- Rust
  replaced({
    what: 'a method with attributes',
    path: 'a.rs',
    file: 'impl Box {\n    /// Adds.\n    #[inline]\n    pub fn add(&self) -> i32 {\n        OLD\n    }\n}\n',
    part: 'Box.add',
    reply: 'fn add(&self) -> i32 {\n    NEW\n}',
  }),
  replaced({
    what: 'a method in its impl',
    path: 'a.rs',
    file: 'use std::fmt;\n\nimpl fmt::Display for Box {\n    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {\n        OLD\n    }\n}\n',
    part: 'Box.fmt',
    reply: 'impl fmt::Display for Box {\n    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {\n        NEW\n    }\n}\n',
  }),
  {
    what: 'of a use of several names those that are new',
    path: 'a.rs',
    file: 'use std::collections::HashMap;\n\nfn f() {\n    OLD\n}\n',
    part: 'f',
    reply: 'use std::collections::{HashMap, HashSet};\n\nfn f() {\n    HashSet::new()\n}\n',
    gives: 'use std::collections::HashMap;\nuse std::collections::HashSet;\n\nfn f() {\n    HashSet::new()\n}\n',
  },
  {
    what: 'a use in the module that the part is in',
    path: 'a.rs',
    file: 'use a::b;\n\nmod tests {\n    use super::*;\n\n    #[test]\n    fn works() {\n        OLD\n    }\n}\n',
    part: 'tests.works',
    reply: 'use std::fmt;\n\n#[test]\nfn works() {\n    fmt::a()\n}\n',
    gives: 'use a::b;\n\nmod tests {\n    use super::*;\n    use std::fmt;\n\n    #[test]\n    fn works() {\n        fmt::a()\n    }\n}\n',
  },
  {
    what: 'a helper that takes the object, and one that does not',
    path: 'a.rs',
    file: 'impl Box {\n    fn add(&self) -> i32 {\n        OLD\n    }\n}\n',
    part: 'Box.add',
    reply:
      'fn half(n: i32) -> i32 {\n    n / 2\n}\n\nfn add(&self) -> i32 {\n    half(self.own())\n}\n\nfn own(&self) -> i32 {\n    1\n}\n',
    gives:
      'fn half(n: i32) -> i32 {\n    n / 2\n}\n\nimpl Box {\n    fn add(&self) -> i32 {\n        half(self.own())\n    }\n\n    fn own(&self) -> i32 {\n        1\n    }\n}\n',
  },

  // ---- Java
  replaced({
    what: 'a method without its class',
    path: 'Box.java',
    file: 'package a;\n\npublic class Box {\n    @Override\n    public int add(int n) {\n        return OLD;\n    }\n\n    int b;\n}\n',
    part: 'Box.add',
    reply: 'public int add(int n) {\n    return NEW;\n}',
  }),
  {
    what: 'a method with an import and one that it newly needs',
    path: 'Box.java',
    file: 'package a;\n\nimport java.util.List;\n\npublic class Box {\n    int add(int n) {\n        return OLD;\n    }\n}\n',
    part: 'Box.add',
    reply: 'import java.util.Map;\n\nint add(int n) {\n    return half();\n}\n\nprivate int half() {\n    return 1;\n}',
    gives:
      'package a;\n\nimport java.util.List;\nimport java.util.Map;\n\npublic class Box {\n    int add(int n) {\n        return half();\n    }\n\n    private int half() {\n        return 1;\n    }\n}\n',
  },
  replaced({
    what: 'a constructor in the whole class',
    path: 'Box.java',
    file: 'public class Box {\n    private int a;\n\n    public Box(int a) {\n        this.a = OLD;\n    }\n}\n',
    part: 'Box.Box',
  }),
];

describe('a part that was written anew', () => {
  test.each(shapes)('$path: $what', async ({ path, file, part, reply, gives }) => {
    const result = await splice(path, file, part, reply);
    if (typeof gives === 'string') expect(result).toBe(gives);
    else expect(result).toMatch(gives);
  });
});

/** Every so many files and parts: all of them took minutes. */
const everyFile = 8;
const mostParts = 2;

test('a part put back as it stands gives the file to the byte: this repository', async () => {
  const root = resolve(import.meta.dirname, '../..');
  const folders = ['src', 'scripts', 'test/unit', 'training'];
  const listed = folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((name) => join(root, folder, name)),
  );
  const files = listed.filter((path) => /\.(ts|tsx|js|cjs|mjs|py|rs|go)$/.test(path) && !path.includes('node_modules')).sort();
  expect(files.length).toBeGreaterThan(500);
  let seen = 0;
  for (const path of files.filter((_, n) => n % everyFile === 0 || /\.(rs|go|py)$/.test(files[n] ?? ''))) {
    const text = readFileSync(path, 'utf8');
    const { parts = [] } = (await partsOf(path, text)) ?? {};
    for (const part of parts.filter((_, n) => n % Math.ceil(parts.length / mostParts) === 0)) {
      // As it stands in the file, and as models cut it out.
      for (const start of [text.lastIndexOf('\n', part.start - 1) + 1, part.start]) {
        const result = await splicePart(path, text, part, text.slice(start, part.end));
        expect('text' in result ? result.text === text : result.doubt, `${path}:${part.line} ${part.name}`).toBe(true);
        seen += 1;
      }
    }
  }
  expect(seen).toBeGreaterThan(200);
}, 240_000);
