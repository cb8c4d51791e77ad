/** A project with four mistakes, whose repair is a change of four hunks in one file. */
const names = ['add', 'subtract', 'multiply', 'divide'] as const;
export const wrong = { add: 'a - b', subtract: 'a + b', multiply: 'a / b', divide: 'a * b' };
export const right = { add: 'a + b', subtract: 'a - b', multiply: 'a * b', divide: 'a / b' };

/** Four functions, far enough apart that each change is a hunk of its own. */
export const calculator = (bodies: Readonly<Record<(typeof names)[number], string>>): string =>
  `${names.map((name) => `// ${name} takes two numbers\n// and gives one.\nfunction ${name}(a, b) {\n  return ${bodies[name]};\n}\n`).join('\n')}\nmodule.exports = { ${names.join(', ')} };\n`;

export const calculatorFiles = {
  'package.json': '{ "name": "calculator", "private": true, "scripts": { "test": "node --test" } }\n',
  'calculator.js': calculator(wrong),
  'calculator.test.js': [
    "const { test } = require('node:test');",
    "const assert = require('node:assert');",
    "const calculator = require('./calculator.js');",
    ...names.map(
      (name) =>
        `test('${name}', () => assert.strictEqual(calculator.${name}(6, 3), ${{ add: 9, subtract: 3, multiply: 18, divide: 2 }[name]}));`,
    ),
    '',
  ].join('\n'),
};

/** The whole file, as a model hands it over. */
export const calculatorReply = `calculator.js\n\`\`\`js\n${calculator(right)}\`\`\`\n`;
