/** Which grammar reads a file, and what its nodes are called. */

export interface Language {
  /** Of the file `tree-sitter-GRAMMAR.wasm`. */
  readonly grammar: string;
  /** Nodes whose named children are statements. */
  readonly blocks: ReadonlySet<string>;
  /** Nodes that are statements wherever they stand: branches and cases, whose header can be wrong by itself. */
  readonly clauses: ReadonlySet<string>;
  /** Bodies that stand without a block: `if (a) return b;`. By the field that holds them. */
  readonly bareBodies: ReadonlySet<string>;
  readonly functions: ReadonlySet<string>;
  readonly classes: ReadonlySet<string>;
  /** Statements that only name or describe; a mistake in them is rare. */
  readonly passive: ReadonlySet<string>;
  /** What stands for a deleted statement where a block may not be empty. */
  readonly empty: string;
  readonly not: (condition: string) => string;
}

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));

const python: Language = {
  grammar: 'python',
  blocks: words('module block'),
  clauses: words('elif_clause else_clause except_clause finally_clause case_clause'),
  bareBodies: words(''),
  functions: words('function_definition'),
  classes: words('class_definition'),
  passive: words('import_statement import_from_statement future_import_statement global_statement nonlocal_statement'),
  empty: 'pass',
  not: (condition) => `not (${condition})`,
};

const typescript: Language = {
  grammar: 'typescript',
  blocks: words('program statement_block switch_body switch_case switch_default class_body'),
  clauses: words('switch_case switch_default catch_clause'),
  bareBodies: words('consequence alternative body'),
  functions: words(
    'function_declaration generator_function_declaration method_definition arrow_function function_expression generator_function',
  ),
  classes: words('class_declaration class'),
  passive: words('import_statement interface_declaration type_alias_declaration empty_statement'),
  empty: '',
  not: (condition) => `!(${condition})`,
};

const go: Language = {
  grammar: 'go',
  blocks: words('source_file statement_list'),
  clauses: words('expression_case type_case communication_case default_case'),
  bareBodies: words('alternative'),
  functions: words('function_declaration method_declaration func_literal'),
  classes: words('type_declaration'),
  passive: words('package_clause import_declaration type_declaration'),
  empty: '',
  not: (condition) => `!(${condition})`,
};

const rust: Language = {
  grammar: 'rust',
  blocks: words('source_file block match_block declaration_list'),
  clauses: words('match_arm'),
  bareBodies: words(''),
  functions: words('function_item closure_expression'),
  classes: words('struct_item enum_item trait_item impl_item'),
  passive: words(
    'use_declaration attribute_item inner_attribute_item mod_item extern_crate_declaration empty_statement struct_item enum_item',
  ),
  empty: '',
  not: (condition) => `!(${condition})`,
};

const java: Language = {
  grammar: 'java',
  blocks: words(
    'program block constructor_body class_body interface_body enum_body_declarations switch_block switch_block_statement_group',
  ),
  clauses: words('switch_block_statement_group switch_rule catch_clause finally_clause'),
  bareBodies: words('consequence alternative body'),
  functions: words('method_declaration constructor_declaration compact_constructor_declaration lambda_expression'),
  classes: words('class_declaration interface_declaration enum_declaration record_declaration annotation_type_declaration'),
  passive: words('import_declaration package_declaration switch_label'),
  empty: '',
  not: (condition) => `!(${condition})`,
};

const byExtension: Readonly<Record<string, Language>> = {
  py: python,
  pyi: python,
  ts: typescript,
  mts: typescript,
  cts: typescript,
  // One grammar reads all four.
  tsx: { ...typescript, grammar: 'tsx' },
  jsx: { ...typescript, grammar: 'tsx' },
  js: { ...typescript, grammar: 'tsx' },
  mjs: { ...typescript, grammar: 'tsx' },
  cjs: { ...typescript, grammar: 'tsx' },
  go,
  rs: rust,
  java,
};

/** Undefined: no grammar for such a file. */
export const languageOf = (path: string): Language | undefined => byExtension[path.slice(path.lastIndexOf('.') + 1).toLowerCase()];
